/** Endpoints: the addresses behind a Service, in one object. EndpointSlice is its successor. */
import type {
  CoreV1EndpointPort,
  V1EndpointAddress,
  V1EndpointSubset,
  V1Endpoints,
} from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { ageColumn, nameColumn, textColumn } from '../../meta/columns';
import { at, invalidEach, oneOf, requiredAnd, supportedProtocols, validIp } from '../../meta/field-checks';
import { type FieldError, type FieldPath, required } from '../../meta/field-error';
import { isDns1123Label, isValidPortNum, nameIsDnsSubdomain } from '../../meta/names';
import { defineResource } from '../../meta/resource-definition';
import type { Wire } from '../../meta/types';
import { validateNonSpecialIp } from './special-ips';

export interface Endpoints extends Wire<V1Endpoints> {}
export interface EndpointSubset extends Wire<V1EndpointSubset> {}
export interface EndpointAddress extends Wire<V1EndpointAddress> {}
export interface EndpointPort extends Wire<CoreV1EndpointPort> {}

function validateAddress(address: EndpointAddress, path: FieldPath): FieldError[] {
  const errors = validIp(path.child('ip'), address.ip);
  const { hostname, nodeName } = address;
  if (hostname) errors.push(...invalidEach(path.child('hostname'), hostname, isDns1123Label(hostname)));
  if (nodeName !== undefined) {
    errors.push(...invalidEach(path.child('nodeName'), nodeName, nameIsDnsSubdomain(nodeName, false)));
  }
  return errors.length ? errors : validateNonSpecialIp(path.child('ip'), address.ip);
}

function validatePort(port: EndpointPort, nameRequired: boolean, path: FieldPath): FieldError[] {
  return [
    ...(nameRequired || port.name ? requiredAnd(path.child('name'), port.name, isDns1123Label) : []),
    ...invalidEach(path.child('port'), port.port ?? 0, isValidPortNum(port.port ?? 0)),
    ...oneOf(path.child('protocol'), port.protocol, supportedProtocols),
  ];
}

const validate = ({ subsets }: Endpoints): FieldError[] =>
  (subsets ?? []).flatMap(({ addresses = [], notReadyAddresses = [], ports = [] }, index) => {
    const path = at('subsets').index(index);
    const missing = addresses.length + notReadyAddresses.length === 0;
    return [
      ...(missing ? [required(path, 'must specify `addresses` or `notReadyAddresses`')] : []),
      ...addresses.flatMap((address, position) => validateAddress(address, path.child('addresses').index(position))),
      ...notReadyAddresses.flatMap((address, position) =>
        validateAddress(address, path.child('notReadyAddresses').index(position)),
      ),
      ...ports.flatMap((port, position) => validatePort(port, ports.length > 1, path.child('ports').index(position))),
    ];
  });

/** At most three addresses, and how many more. */
function formatEndpoints({ subsets }: Endpoints): string {
  const all = (subsets ?? []).flatMap(({ addresses = [], ports = [] }) => {
    const join = (ip: string, port: number) => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`);
    // Headless services may have no ports.
    if (ports.length === 0) return addresses.map(({ ip }) => ip);
    return ports.flatMap(({ port }) => addresses.map(({ ip }) => join(ip, port)));
  });
  if (all.length === 0) return '<none>';
  const more = all.length > 3 ? ` + ${all.length - 3} more...` : '';
  return all.slice(0, 3).join(',') + more;
}

export const endpoints = defineResource<Endpoints>({
  group: '',
  version: 'v1',
  kind: 'Endpoints',
  names: { plural: 'endpoints', singular: 'endpoints', shortNames: ['ep'] },
  scope: 'Namespaced',
  defaults({ subsets }) {
    for (const { ports } of subsets ?? []) for (const port of ports ?? []) port.protocol ||= 'TCP';
  },
  validate,
  validateUpdate: validate,
  allowCreateOnUpdate: true,
  deprecation: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  columns: [
    nameColumn,
    textColumn('Endpoints', 'The set of all endpoints is the union of all subsets.', formatEndpoints),
    ageColumn,
  ],
});

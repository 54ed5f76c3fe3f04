/** EndpointSlice: some of the addresses behind a Service, with their readiness. */
import type {
  DiscoveryV1EndpointPort,
  V1Endpoint,
  V1EndpointConditions,
  V1EndpointSlice,
} from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { ageColumn, nameColumn, textColumn } from '../../meta/columns';
import { at, invalidEach, oneOf, supportedProtocols, unchanged } from '../../meta/field-checks';
import { duplicate, type FieldError, type FieldPath, invalid, required, tooMany } from '../../meta/field-error';
import {
  isDns1123Label,
  isDns1123Subdomain,
  isQualifiedName,
  isValidIp,
  isValidIpv4,
  isValidLabelValue,
  isValidPortNum,
  nameIsDnsSubdomain,
} from '../../meta/names';
import { validateLabels } from '../../meta/object-meta';
import { defineResource } from '../../meta/resource-definition';
import type { Wire } from '../../meta/types';
import { validateNonSpecialIp } from '../../core/v1/special-ips';

export interface EndpointSlice extends Wire<V1EndpointSlice> {}
export interface Endpoint extends Wire<V1Endpoint> {}
export interface EndpointConditions extends Wire<V1EndpointConditions> {}
export interface EndpointSlicePort extends Wire<DiscoveryV1EndpointPort> {}

const maxHints = 8;
const maxPorts = 20_000;
const addressTypes = ['FQDN', 'IPv4', 'IPv6'];
const isIpv6 = (value: string): string[] => {
  const messages = isValidIp(value);
  return messages.length || value.includes(':') ? messages : ['must be an IPv6 address'];
};

/** Upstream: IsFullyQualifiedDomainName. */
function validateFullyQualified(path: FieldPath, address: string): FieldError[] {
  if (!address) return [required(path)];
  const name = address.replace(/\.$/, '');
  const messages = isDns1123Subdomain(name);
  if (messages.length) return [invalid(path, name, messages.join(','))];
  const labels = name.split('.');
  if (labels.length < 2) {
    return [invalid(path, name, 'should be a domain with at least two segments separated by dots')];
  }
  return labels.flatMap((label) => {
    const wrong = isDns1123Label(label);
    return wrong.length ? [invalid(path, label, wrong.join(','))] : [];
  });
}

function validateHintNames(names: string[], path: FieldPath, check: (name: string) => string[]): FieldError[] {
  if (names.length > maxHints) return [tooMany(path, names.length, maxHints)];
  return names.flatMap((name, index) => {
    const where = path.index(index).child('name');
    return [...(names.indexOf(name) < index ? [duplicate(where, name)] : []), ...invalidEach(where, name, check(name))];
  });
}

function validateHints(hints: Endpoint['hints'], path: FieldPath): FieldError[] {
  const nodeName = (name: string) => nameIsDnsSubdomain(name, false);
  const namesOf = (list: { name: string }[] | undefined) => (list ?? []).map(({ name = '' }) => name);
  return [
    ...validateHintNames(namesOf(hints?.forZones), path.child('forZones'), isValidLabelValue),
    ...validateHintNames(namesOf(hints?.forNodes), path.child('forNodes'), nodeName),
  ];
}

function validateEndpoint(endpoint: Endpoint, addressType: string, path: FieldPath): FieldError[] {
  const { addresses = [], hostname, nodeName } = endpoint;
  const addressesPath = path.child('addresses');
  if (addresses.length === 0) return [required(addressesPath, 'must contain at least 1 address')];
  if (addresses.length > 100) return [tooMany(addressesPath, addresses.length, 100)];
  const errors = addresses.flatMap((address, index) => {
    const addressPath = addressesPath.index(index);
    if (addressType === 'FQDN') return validateFullyQualified(addressPath, address);
    const messages = addressType === 'IPv6' ? isIpv6(address) : isValidIpv4(address);
    return messages.length ? invalidEach(addressPath, address, messages) : validateNonSpecialIp(addressPath, address);
  });
  if (nodeName !== undefined) {
    errors.push(...invalidEach(path.child('nodeName'), nodeName, nameIsDnsSubdomain(nodeName, false)));
  }
  if (hostname !== undefined) errors.push(...invalidEach(path.child('hostname'), hostname, isDns1123Label(hostname)));
  return [
    ...errors,
    ...validateLabels(endpoint.deprecatedTopology, path.child('deprecatedTopology')),
    ...validateHints(endpoint.hints, path.child('hints')),
  ];
}

function validate({ addressType, endpoints = [], ports = [] }: EndpointSlice): FieldError[] {
  const errors = oneOf(at('addressType'), addressType, addressTypes);
  if (endpoints.length > 1000) return [...errors, tooMany(at('endpoints'), endpoints.length, 1000)];
  for (const [index, endpoint] of endpoints.entries()) {
    errors.push(...validateEndpoint(endpoint, addressType, at('endpoints').index(index)));
  }
  if (ports.length > maxPorts) return [...errors, tooMany(at('ports'), ports.length, maxPorts)];
  const names = new Set<string>();
  for (const [index, { name = '', port, protocol, appProtocol }] of ports.entries()) {
    const path = at('ports').index(index);
    if (name) errors.push(...invalidEach(path.child('name'), name, isDns1123Label(name)));
    if (names.has(name)) errors.push(duplicate(path.child('name'), name));
    names.add(name);
    if (port !== undefined) errors.push(...invalidEach(path.child('port'), port, isValidPortNum(port)));
    errors.push(...oneOf(path.child('protocol'), protocol, supportedProtocols));
    if (appProtocol !== undefined) {
      errors.push(...invalidEach(path.child('appProtocol'), appProtocol, isQualifiedName(appProtocol)));
    }
  }
  return errors;
}

/** At most three, and how many more; "<unset>" without any. */
function listWithMore(items: string[]): string {
  if (items.length === 0) return '<unset>';
  const more = items.length > 3 ? ` + ${items.length - 3} more...` : '';
  return items.slice(0, 3).join(',') + more;
}

export const endpointSlices = defineResource<EndpointSlice>({
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  names: { plural: 'endpointslices', singular: 'endpointslice' },
  scope: 'Namespaced',
  defaults({ ports }) {
    for (const port of ports ?? []) {
      port.name ??= '';
      port.protocol ??= 'TCP';
    }
  },
  validate,
  validateUpdate: (slice, old) => [
    ...validate(slice),
    ...unchanged(at('addressType'), slice.addressType, old.addressType),
  ],
  generation: true,
  allowCreateOnUpdate: false,
  columns: [
    nameColumn,
    textColumn(
      'AddressType',
      'addressType specifies the type of address carried by this EndpointSlice.',
      ({ addressType }) => addressType,
    ),
    textColumn(
      'Ports',
      'ports specifies the list of network ports exposed by each endpoint in this slice.',
      ({ ports }) =>
        listWithMore((ports ?? []).map(({ port, name }) => (port === undefined ? name || '*' : String(port)))),
    ),
    textColumn('Endpoints', 'endpoints is a list of unique endpoints in this slice.', ({ endpoints }) =>
      listWithMore((endpoints ?? []).flatMap(({ addresses }) => addresses)),
    ),
    ageColumn,
  ],
});

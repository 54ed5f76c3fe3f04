/**
 * Which EndpointSlices mirror an Endpoints object that somebody keeps by hand: one for each address family and set of ports.
 * Upstream: `endpointslicemirroring/reconciler.go`.
 */
import type { EndpointAddress, Endpoints, EndpointSubset } from '../../../api/core/v1/endpoints';
import { endpoints as endpointsResource } from '../../../api/core/v1/endpoints';
import type { Endpoint, EndpointSlice, EndpointSlicePort } from '../../../api/discovery/v1/endpointslice';
import { endpointSlices } from '../../../api/discovery/v1/endpointslice';
import { newControllerRef } from '../../../api/meta/controller-ref';
import { deepEqual } from '../../../api/meta/json';
import type { Stored } from '../../../api/meta/types';
import { triggerTimeAnnotation } from '../endpoints/endpoint-pods';
import { managedByLabel, serviceNameLabel } from '../endpointslice/build-slice';
import { endpointKey, portsKey, type SlicePlan } from '../endpointslice/plan-slices';

export const mirrorManager = 'endpointslicemirroring-controller.k8s.io';
const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration';

export interface MirrorPlan extends SlicePlan {
  /** Addresses beyond what one subset may have. */
  skipped: number;
}

export function planMirror(
  source: Stored<Endpoints>,
  existing: readonly Stored<EndpointSlice>[],
  maxEndpointsPerSubset: number,
): MirrorPlan {
  const { wanted, skipped } = wantedSlices(source, maxEndpointsPerSubset);
  const plan: MirrorPlan = { create: [], update: [], remove: [], skipped };
  for (const slice of existing) {
    const key = sliceKey(slice);
    const next = wanted.get(key);
    // A second slice of the same ports is one too many.
    wanted.delete(key);
    if (!next) plan.remove.push(slice);
    else if (!sameContent(slice, next)) plan.update.push(takeOver(slice, next));
  }
  for (const slice of wanted.values()) {
    const spare = plan.remove.pop();
    if (spare) plan.update.push(takeOver(spare, slice));
    else plan.create.push(slice);
  }
  return plan;
}

const sliceKey = ({ addressType, ports }: Pick<EndpointSlice, 'addressType' | 'ports'>): string =>
  `${addressType} ${portsKey(ports)}`;

function wantedSlices(
  source: Stored<Endpoints>,
  maxEndpointsPerSubset: number,
): { wanted: Map<string, EndpointSlice>; skipped: number } {
  const wanted = new Map<string, EndpointSlice>();
  let skipped = 0;
  for (const subset of source.subsets ?? []) {
    const ports = portsOf(subset);
    const all = endpointsOf(subset);
    skipped += Math.max(0, all.length - maxEndpointsPerSubset);
    const mirrored = all.slice(0, maxEndpointsPerSubset);
    for (const addressType of ['IPv4', 'IPv6'] as const) {
      const endpoints = mirrored.filter((endpoint) => addressTypeOf(endpoint) === addressType);
      if (endpoints.length === 0) continue;
      const key = sliceKey({ addressType, ports });
      const slice = wanted.get(key) ?? buildSlice(source, addressType, ports);
      wanted.set(key, { ...slice, endpoints: distinct([...slice.endpoints!, ...endpoints]) });
    }
  }
  return { wanted, skipped };
}

const addressTypeOf = ({ addresses }: Endpoint): 'IPv4' | 'IPv6' => (addresses[0]?.includes(':') ? 'IPv6' : 'IPv4');

/** Of equal ones the first. */
function distinct(endpoints: readonly Endpoint[]): Endpoint[] {
  const seen = new Set<string>();
  return endpoints.filter((endpoint) => {
    const key = endpointKey(endpoint);
    return !seen.has(key) && seen.add(key);
  });
}

const portsOf = ({ ports = [] }: EndpointSubset): EndpointSlicePort[] =>
  ports.map(({ name = '', port, protocol = 'TCP', appProtocol }) => ({
    name,
    port,
    protocol,
    ...(appProtocol !== undefined && { appProtocol }),
  }));

const endpointsOf = ({ addresses = [], notReadyAddresses = [] }: EndpointSubset): Endpoint[] => [
  ...addresses.map((address) => endpointOf(address, true)),
  ...notReadyAddresses.map((address) => endpointOf(address, false)),
];

const endpointOf = ({ ip, hostname, nodeName, targetRef }: EndpointAddress, ready: boolean): Endpoint => ({
  addresses: [ip],
  conditions: { ready },
  ...(hostname && { hostname }),
  ...(nodeName !== undefined && { nodeName }),
  ...(targetRef && { targetRef }),
});

function buildSlice(
  source: Stored<Endpoints>,
  addressType: 'IPv4' | 'IPv6',
  ports: EndpointSlicePort[],
): EndpointSlice {
  const { name, namespace, labels } = source.metadata;
  const {
    [triggerTimeAnnotation]: _time,
    [lastAppliedAnnotation]: _applied,
    ...annotations
  } = source.metadata.annotations ?? {};
  return {
    apiVersion: endpointSlices.apiVersion,
    kind: endpointSlices.kind,
    metadata: {
      generateName: `${name}-`,
      namespace: namespace!,
      labels: { ...labels, [serviceNameLabel]: name, [managedByLabel]: mirrorManager },
      ...(Object.keys(annotations).length && { annotations }),
      ownerReferences: [newControllerRef(source, endpointsResource)],
    },
    addressType,
    endpoints: [],
    ports,
  };
}

function sameContent(slice: EndpointSlice, wanted: EndpointSlice): boolean {
  const facts = ({ metadata, endpoints }: EndpointSlice): unknown => ({
    labels: metadata?.labels,
    annotations: metadata?.annotations ?? {},
    owners: metadata?.ownerReferences,
    endpoints,
  });
  return deepEqual(facts(slice), facts(wanted));
}

/** The slice with another content, under its name and at its version. */
function takeOver({ metadata }: Stored<EndpointSlice>, wanted: EndpointSlice): Stored<EndpointSlice> {
  const { annotations: _old, ...kept } = metadata;
  const { labels, annotations, ownerReferences } = wanted.metadata!;
  return {
    ...wanted,
    metadata: {
      ...kept,
      ...(labels && { labels }),
      ...(annotations && { annotations }),
      ...(ownerReferences && { ownerReferences }),
    },
  };
}

/**
 * Which EndpointSlices to create, update and delete so that they hold the desired endpoints, moving as little as possible:
 * every write is sent to every node. Upstream: `endpointslice/reconciler.go`.
 */
import type { Endpoint, EndpointSlice, EndpointSlicePort } from '../../../api/discovery/v1/endpointslice';
import { deepEqual } from '../../../api/meta/json';
import type { Stored } from '../../../api/meta/types';

/** The desired endpoints that share one set of ports. */
export interface PortGroup {
  ports: EndpointSlicePort[];
  endpoints: Endpoint[];
}

export interface SlicePlan {
  create: EndpointSlice[];
  update: Stored<EndpointSlice>[];
  remove: Stored<EndpointSlice>[];
}

export interface SliceShape {
  labels: Record<string, string>;
  maxEndpoints: number;
  /** A new slice of these ports, with the shape's labels and without endpoints. */
  build(ports: EndpointSlicePort[]): EndpointSlice;
}

/** `existing` are the Service's slices of one address type. Without endpoints one empty slice says so. */
export function planSlices(
  groups: readonly PortGroup[],
  existing: readonly Stored<EndpointSlice>[],
  shape: SliceShape,
): SlicePlan {
  const plan: SlicePlan = { create: [], update: [], remove: [] };
  const byPorts = new Map<string, Stored<EndpointSlice>[]>();
  for (const slice of existing)
    byPorts.set(portsKey(slice.ports), [...(byPorts.get(portsKey(slice.ports)) ?? []), slice]);
  for (const group of mergeGroups(groups)) {
    const key = portsKey(group.ports);
    packGroup(group, byPorts.get(key) ?? [], shape, plan);
    byPorts.delete(key);
  }
  for (const unwanted of byPorts.values()) plan.remove.push(...unwanted);
  if (existing.length === plan.remove.length && plan.create.length === 0) keepPlaceholder(plan, shape);
  reuseRemoved(plan);
  return plan;
}

function mergeGroups(groups: readonly PortGroup[]): PortGroup[] {
  const merged = new Map<string, PortGroup>();
  for (const { ports, endpoints } of groups) {
    const known = merged.get(portsKey(ports));
    if (known) known.endpoints.push(...endpoints);
    else merged.set(portsKey(ports), { ports, endpoints: [...endpoints] });
  }
  return [...merged.values()].filter(({ endpoints }) => endpoints.length > 0);
}

export const portsKey = (ports: readonly EndpointSlicePort[] | undefined): string =>
  (ports ?? [])
    .map(({ name = '', port = 0, protocol = 'TCP', appProtocol = '' }) => `${name}/${port}/${protocol}/${appProtocol}`)
    .sort()
    .join(',');

export const endpointKey = ({ addresses, hostname = '', targetRef }: Endpoint): string =>
  [...[...addresses].sort(), hostname, targetRef?.namespace ?? '', targetRef?.name ?? ''].join('/');

function packGroup(
  group: PortGroup,
  existing: readonly Stored<EndpointSlice>[],
  shape: SliceShape,
  plan: SlicePlan,
): void {
  const waiting = new Map(group.endpoints.map((endpoint) => [endpointKey(endpoint), endpoint]));
  const changed: Stored<EndpointSlice>[] = [];
  const unchanged: Stored<EndpointSlice>[] = [];

  // 1. Every endpoint that has a place keeps it; slices with a changed or vanished endpoint are to be written.
  for (const slice of existing) {
    const current = slice.endpoints ?? [];
    const kept = current.flatMap((endpoint) => {
      const wanted = waiting.get(endpointKey(endpoint));
      waiting.delete(endpointKey(endpoint));
      return wanted ? [wanted] : [];
    });
    if (kept.length === 0) plan.remove.push(slice);
    else if (deepEqual(current, kept) && deepEqual(slice.metadata.labels, shape.labels)) unchanged.push(slice);
    else changed.push(withContent(slice, kept, shape));
  }

  // 2. New endpoints go into the slices that are written anyway, the fullest first.
  for (const slice of changed.toSorted((a, b) => sizeOf(b) - sizeOf(a))) fill(slice, waiting, shape.maxEndpoints);
  plan.update.push(...changed);

  // 3. The rest goes into the unchanged slice that it fills best, or into new ones.
  while (waiting.size > 0) {
    const best =
      waiting.size < shape.maxEndpoints ? takeBestFit(unchanged, waiting.size, shape.maxEndpoints) : undefined;
    if (best) {
      const slice = withContent(best, best.endpoints ?? [], shape);
      fill(slice, waiting, shape.maxEndpoints);
      plan.update.push(slice);
    } else {
      const slice = shape.build(group.ports);
      fill(slice, waiting, shape.maxEndpoints);
      plan.create.push(slice);
    }
  }
}

const sizeOf = ({ endpoints }: EndpointSlice): number => endpoints?.length ?? 0;

const withContent = (
  slice: Stored<EndpointSlice>,
  endpoints: Endpoint[],
  shape: SliceShape,
): Stored<EndpointSlice> => ({
  ...slice,
  metadata: { ...slice.metadata, labels: shape.labels },
  endpoints: [...endpoints],
});

function fill(slice: EndpointSlice, waiting: Map<string, Endpoint>, max: number): void {
  for (const [key, endpoint] of waiting) {
    if (sizeOf(slice) >= max) return;
    (slice.endpoints ??= []).push(endpoint);
    waiting.delete(key);
  }
}

/** Takes the fullest slice that still has room for all of them out of the list. */
function takeBestFit(slices: Stored<EndpointSlice>[], count: number, max: number): Stored<EndpointSlice> | undefined {
  const fitting = slices.filter((slice) => sizeOf(slice) + count <= max).toSorted((a, b) => sizeOf(b) - sizeOf(a));
  const best = fitting[0];
  if (best) slices.splice(slices.indexOf(best), 1);
  return best;
}

/** Tells readers that there are no endpoints, rather than that nobody has looked. */
function keepPlaceholder(plan: SlicePlan, shape: SliceShape): void {
  const index = plan.remove.findIndex(
    (slice) => sizeOf(slice) === 0 && !slice.ports?.length && deepEqual(slice.metadata.labels, shape.labels),
  );
  if (index >= 0) plan.remove.splice(index, 1);
  else plan.create.push(shape.build([]));
}

/** A slice to create takes over one to delete: one event for the readers, and no moment without endpoints. */
function reuseRemoved(plan: SlicePlan): void {
  while (plan.create.length && plan.remove.length) {
    const wanted = plan.create.shift()!;
    const { metadata } = plan.remove.shift()!;
    plan.update.push({
      ...wanted,
      metadata: {
        ...metadata,
        ...(wanted.metadata?.labels && { labels: wanted.metadata.labels }),
        ...(wanted.metadata?.ownerReferences && { ownerReferences: wanted.metadata.ownerReferences }),
      },
    });
  }
}

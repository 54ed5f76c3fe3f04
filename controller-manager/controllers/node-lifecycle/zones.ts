/**
 * How fast pods may be evicted from unhealthy nodes: slower, or not at all, when so much of a zone is unhealthy that the
 * fault is more likely the network's or ours. Upstream: `ComputeZoneState`, `handleDisruption`.
 */
import type { Node } from '../../../api/core/v1/node';
import { readyStatus } from './node-taints';

export type ZoneState = 'Initial' | 'Normal' | 'PartialDisruption' | 'FullDisruption';

export interface EvictionRates {
  /** Nodes a second. */
  normal: number;
  secondary: number;
  unhealthyThreshold: number;
  largeClusterSize: number;
}

/** Region and zone, as upstream's `GetZoneKey`; '' when the node has neither. */
export function zoneOf({ metadata }: Node): string {
  const region = metadata?.labels?.['topology.kubernetes.io/region'] ?? '';
  const zone = metadata?.labels?.['topology.kubernetes.io/zone'] ?? '';
  return region || zone ? `${region}:\0:${zone}` : '';
}

/** Nodes with this label (load balancers' masters) say nothing about their zone. */
export const isExcluded = ({ metadata }: Node): boolean =>
  metadata?.labels?.['node.kubernetes.io/exclude-disruption'] !== undefined;

export interface Zone {
  name: string;
  size: number;
  state: Exclude<ZoneState, 'Initial'>;
}

export function surveyZones(nodes: readonly Node[], unhealthyThreshold: number): Zone[] {
  const statuses = new Map<string, string[]>();
  for (const node of nodes) {
    const status = readyStatus(node);
    if (status === undefined || isExcluded(node)) continue;
    const zone = zoneOf(node);
    statuses.set(zone, [...(statuses.get(zone) ?? []), status]);
  }
  return [...statuses].map(([name, all]) => ({ name, size: all.length, state: zoneState(all, unhealthyThreshold) }));
}

function zoneState(statuses: readonly string[], threshold: number): Zone['state'] {
  const notReady = statuses.filter((status) => status !== 'True').length;
  if (notReady === statuses.length) return 'FullDisruption';
  return notReady > 2 && notReady / statuses.length >= threshold ? 'PartialDisruption' : 'Normal';
}

/** Nodes a second that may be emptied in a zone. */
export function evictionRate({ state, size }: Zone, rates: EvictionRates): number {
  if (state !== 'PartialDisruption') return rates.normal;
  return size > rates.largeClusterSize ? rates.secondary : 0;
}

export type DisruptionChange =
  /** Every zone is down: more likely it is us. Stop, and take back the evictions under way. */
  'entered' | 'left' | 'none';

/** Compares the whole cluster's state with the last one. */
export function disruptionChange(before: ReadonlyMap<string, ZoneState>, zones: readonly Zone[]): DisruptionChange {
  const all = (states: Iterable<ZoneState>): boolean => [...states].every((state) => state === 'FullDisruption');
  const is = zones.length > 0 && all(zones.map(({ state }) => state));
  const was = before.size > 0 && all(before.values());
  if (is === was) return 'none';
  return is ? 'entered' : 'left';
}

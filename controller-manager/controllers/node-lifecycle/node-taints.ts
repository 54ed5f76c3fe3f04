/** Taints that the control plane puts on nodes by their condition, and how they are written. */
import { type Node, nodes, type Taint } from '../../../api/core/v1/node';
import { isSameTaint, taintKeys } from '../../../api/core/v1/node/taints';
import { deepEqual } from '../../../api/meta/json';
import { isConflict, isNotFound } from '../../../api/meta/status-error';
import type { Stored } from '../../../api/meta/types';
import type { RestClient } from '../../../client/rest-client';

export const notReadyNoExecute: Taint = { key: taintKeys.notReady, effect: 'NoExecute' };
export const unreachableNoExecute: Taint = { key: taintKeys.unreachable, effect: 'NoExecute' };

/** Which condition, in which state, means which taint. */
const byCondition: readonly { type: string; status: string; key: string }[] = [
  { type: 'Ready', status: 'False', key: taintKeys.notReady },
  { type: 'Ready', status: 'Unknown', key: taintKeys.unreachable },
  { type: 'MemoryPressure', status: 'True', key: taintKeys.memoryPressure },
  { type: 'DiskPressure', status: 'True', key: taintKeys.diskPressure },
  { type: 'NetworkUnavailable', status: 'True', key: taintKeys.networkUnavailable },
  { type: 'PIDPressure', status: 'True', key: taintKeys.pidPressure },
];

const managedKeys: ReadonlySet<string> = new Set([...byCondition.map(({ key }) => key), taintKeys.unschedulable]);

export const readyStatus = ({ status }: Node): string | undefined =>
  status?.conditions?.find(({ type }) => type === 'Ready')?.status;

export const hasTaint = ({ spec }: Node, taint: Taint): boolean =>
  (spec?.taints ?? []).some((other) => isSameTaint(other, taint));

/**
 * The taints a node should have by its conditions: NoSchedule ones exactly as the conditions say; NoExecute ones are only
 * taken off here, when it is ready again. Others stay. Upstream: `doNoScheduleTaintingPass`, `markNodeAsReachable`.
 */
export function conditionTaints(node: Node, timeAdded: string): Taint[] {
  const current = node.spec?.taints ?? [];
  const wanted: Taint[] = byCondition
    .filter(({ type, status }) => node.status?.conditions?.some((c) => c.type === type && c.status === status))
    .map(({ key }) => ({ key, effect: 'NoSchedule' }));
  if (node.spec?.unschedulable) wanted.push({ key: taintKeys.unschedulable, effect: 'NoSchedule' });
  const ready = readyStatus(node) === 'True';
  const kept = current.filter((taint) => {
    if (ready && [notReadyNoExecute, unreachableNoExecute].some((own) => isSameTaint(own, taint))) return false;
    if (taint.effect !== 'NoSchedule' || !managedKeys.has(taint.key)) return true;
    return wanted.some((other) => isSameTaint(other, taint));
  });
  const missing = wanted.filter((taint) => !kept.some((other) => isSameTaint(other, taint)));
  return [...kept, ...missing.map((taint) => ({ ...taint, timeAdded }))];
}

/** The taints with one NoExecute taint of ours in place of the other. */
export function swapTaint(node: Node, add: Taint, remove: Taint): Taint[] {
  const others = (node.spec?.taints ?? []).filter((taint) => !isSameTaint(taint, remove) && !isSameTaint(taint, add));
  return [...others, add];
}

/**
 * Writes what `change` makes of the node's taints, if it differs. The list is replaced as a whole, so the write is guarded
 * by the resourceVersion and done anew after a lost race.
 */
export async function updateTaints(
  client: RestClient,
  node: Stored<Node>,
  change: (node: Stored<Node>) => Taint[],
): Promise<void> {
  for (let current = node; ; current = await client.get(nodes, node.metadata.name)) {
    if (current.metadata.uid !== node.metadata.uid) return;
    const taints = change(current);
    if (deepEqual(taints, current.spec?.taints)) return;
    const { name, resourceVersion } = current.metadata;
    try {
      const patch = { metadata: { resourceVersion }, spec: { taints: taints.length ? taints : null } };
      await client.patch(nodes, name, undefined, patch, { type: 'merge' });
      return;
    } catch (error) {
      if (isNotFound(error)) return;
      if (!isConflict(error)) throw error;
    }
  }
}

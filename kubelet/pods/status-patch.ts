/**
 * The strategic merge patch from the API's pod status to the kubelet's: conditions merge by type, so those of others stay; lists of
 * addresses are replaced as a whole; what the kubelet no longer says becomes null. Pure.
 */
import type { Pod, PodStatus } from '../../api/core/v1/pod';
import { deepEqual } from '../../api/meta/json';
import type { Stored } from '../../api/meta/types';
import { isOwnCondition, kubeletConditions } from './pod-conditions';

/** Lists that strategic merge would merge by key, but that must become exactly ours. */
const replacedLists = new Set(['podIPs', 'hostIPs']);

/** Fields of other writers. */
const foreign = new Set(['conditions', 'nominatedNodeName', 'resize', 'resourceClaimStatuses']);

/** Undefined when the API has it all. The uid in the patch refuses it to another pod of the same name. */
export function statusPatch(
  target: Stored<Pod>,
  status: PodStatus,
): { metadata: { uid: string }; status: Record<string, unknown> } | undefined {
  const old = (target.status ?? {}) as Record<string, unknown>;
  const next = status as Record<string, unknown>;
  const changes: Record<string, unknown> = {};
  for (const key of new Set([...Object.keys(old), ...Object.keys(next)])) {
    if (foreign.has(key) || deepEqual(old[key], next[key])) continue;
    // The API sets it from the spec; a status without it leaves it.
    if (key === 'qosClass' && next[key] === undefined) continue;
    const value = next[key];
    if (value === undefined) changes[key] = null;
    else if (replacedLists.has(key)) changes[key] = [...(value as unknown[]), { $patch: 'replace' }];
    else changes[key] = value;
  }
  const conditions = (status.conditions ?? []).flatMap((condition): Record<string, unknown>[] => {
    if (!isOwnCondition(condition)) return [];
    const before = target.status?.conditions?.find(({ type }) => type === condition.type);
    const after = comparable(condition);
    if (before && deepEqual(comparable(before), after)) return [];
    // A reason or message of the past must go.
    const gone = (['reason', 'message'] as const).filter((key) => before?.[key] && !condition[key]);
    return [{ ...after, ...Object.fromEntries(gone.map((key) => [key, null])) }];
  });
  // Those of a resize go when it is over.
  for (const { type } of target.status?.conditions ?? []) {
    if (!kubeletConditions.includes(type) || status.conditions?.some((condition) => condition.type === type)) continue;
    conditions.push({ $patch: 'delete', type });
  }
  if (conditions.length > 0) changes['conditions'] = conditions;
  if (Object.keys(changes).length === 0) return undefined;
  return { metadata: { uid: target.metadata.uid }, status: changes };
}

/** lastProbeTime is always null: nothing to send. */
const comparable = ({ lastProbeTime: _ignored, ...condition }: { lastProbeTime?: unknown; [key: string]: unknown }) =>
  condition;

/**
 * Whether a node still gives signs of life: a newer heartbeat in its status, or a newer lease. Judged by this process' own
 * clock, never by the node's. Upstream: `tryUpdateNodeHealth`.
 */
import type { Lease } from '../../../api/coordination/v1/lease';
import type { Node, NodeCondition } from '../../../api/core/v1/node';
import type { Stored } from '../../../api/meta/types';
import { formatTime } from '../../../component-base/clock';

export interface NodeHealth {
  /** When a sign of life was last noticed. */
  probedAtMs: number;
  heartbeat?: string;
  renewTime?: string;
}

export interface Grace {
  monitorMs: number;
  /** For a node that never reported. */
  startupMs: number;
}

const readyOf = (node: Node): NodeCondition | undefined =>
  node.status?.conditions?.find(({ type }) => type === 'Ready');

export function observeNode(
  node: Stored<Node>,
  lease: Lease | undefined,
  saved: NodeHealth | undefined,
  now: number,
): NodeHealth {
  const heartbeat = readyOf(node)?.lastHeartbeatTime;
  const renewTime = lease?.spec?.renewTime;
  let probedAtMs = saved?.probedAtMs ?? Date.parse(node.metadata.creationTimestamp);
  // The first look after a restart counts as a sign: how long it has been silent is not known.
  if (heartbeat !== undefined && heartbeat !== saved?.heartbeat) probedAtMs = now;
  if (renewTime !== undefined && renewTime > (saved?.renewTime ?? '')) probedAtMs = now;
  return { probedAtMs, ...(heartbeat !== undefined && { heartbeat }), ...(renewTime !== undefined && { renewTime }) };
}

export const isSilent = (node: Node, { probedAtMs }: NodeHealth, grace: Grace, now: number): boolean =>
  now > probedAtMs + (readyOf(node) ? grace.monitorMs : grace.startupMs);

/** The conditions of a node nobody hears of: all that it reports becomes Unknown. */
export function unknownConditions(node: Stored<Node>, now: number): NodeCondition[] {
  const conditions = [...(node.status?.conditions ?? [])];
  const time = formatTime(now);
  for (const type of ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure']) {
    const index = conditions.findIndex((condition) => condition.type === type);
    const current = conditions[index];
    if (!current) {
      conditions.push({
        type,
        status: 'Unknown',
        reason: 'NodeStatusNeverUpdated',
        message: 'Kubelet never posted node status.',
        lastHeartbeatTime: node.metadata.creationTimestamp,
        lastTransitionTime: time,
      });
    } else if (current.status !== 'Unknown') {
      conditions[index] = {
        ...current,
        status: 'Unknown',
        reason: 'NodeStatusUnknown',
        message: 'Kubelet stopped posting node status.',
        lastTransitionTime: time,
      };
    }
  }
  return conditions;
}

/** The pod status that the API shows, from the spec and what the engine has: upstream's generateAPIPodStatus, pure. */
import type { Container, Pod, PodCondition, PodStatus } from '../../api/core/v1/pod';
import { formatTime } from '../../component-base/clock';
import { computeContainerStatuses, type ProbeView } from './container-statuses';
import { shortenMessages } from './termination-message';
import { computeConditions } from './pod-conditions';
import type { PodRuntimeStatus } from './pod-runtime-status';
import { computePhase } from './pod-phase';
import { withUnknownEnds } from './unknown-ends';

export type { ProbeView } from './container-statuses';

export interface WaitingReason {
  reason: string;
  message?: string;
}

export interface StatusInput {
  pod: Pod;
  runtime: PodRuntimeStatus;
  /** Why containers could not be started, from the last sync, by container name. */
  reasons: ReadonlyMap<string, WaitingReason>;
  /** Of a resize that waits or is under way. */
  resizeConditions: PodCondition[];
  probes: ProbeView;
  hostIPs: string[];
  nowMs: number;
  /** Every container has ended and none will start again, whatever the restart policy: the pod is being finished. */
  terminal?: boolean;
  /** A decision of the kubelet that overrides the phase: eviction, deadline, rejected admission. */
  verdict?: { phase: 'Failed'; reason: string; message: string; condition?: PodCondition };
  /** What containers created from an image are shown with as `imageID`. */
  imageIdOf(imageId: string): string;
}

/** The status of a pod that has come to its end while a sidecar still runs: all but the phase tells of it. Upstream: mergePodStatus. */
export function withoutEnd(status: PodStatus, old: PodStatus | undefined): PodStatus {
  if (!isFinal(status) || isFinal(old ?? {})) return status;
  const { reason: _reason, message: _message, ...rest } = status;
  const disruption = old?.conditions?.filter(isDisruption) ?? [];
  return {
    ...rest,
    conditions: [...(status.conditions ?? []).filter((condition) => !isDisruption(condition)), ...disruption],
    phase: old?.phase ?? 'Pending',
    ...(old?.reason && { reason: old.reason }),
    ...(old?.message && { message: old.message }),
  };
}

const isDisruption = ({ type }: PodCondition): boolean => type === 'DisruptionTarget';

export const isFinal = ({ phase }: PodStatus): boolean => phase === 'Succeeded' || phase === 'Failed';

/** A new status; conditions that are not the kubelet's are kept from the pod. */
export function computePodStatus(input: StatusInput): PodStatus {
  const { pod, runtime, verdict } = input;
  const old = pod.status ?? {};
  const spec = pod.spec;
  const { containers = [], initContainers = [], ephemeralContainers = [] } = spec ?? {};
  const count = containers.length + initContainers.length + ephemeralContainers.length;
  const statusesOf = (list: Container[], kind: 'init' | 'app' | 'ephemeral') =>
    computeContainerStatuses(input, list, kind).map((status) => shortenMessages(status, count));
  const observed = { init: statusesOf(initContainers, 'init'), app: statusesOf(containers, 'app') };
  const known = input.terminal ? withUnknownEnds(pod, observed.init, observed.app) : observed;
  const { init: initContainerStatuses, app: containerStatuses } = known;
  const ephemeralContainerStatuses = statusesOf(ephemeralContainers, 'ephemeral');

  const ended = old.phase === 'Failed' || old.phase === 'Succeeded' ? old.phase : undefined;
  const computed = computePhase(pod, containerStatuses, initContainerStatuses, input.terminal === true);
  // A terminal phase never changes back.
  const phase = verdict?.phase ?? ended ?? computed;
  const reason = verdict?.reason ?? (ended ? old.reason : undefined);
  const message = verdict?.message ?? (ended ? old.message : undefined);
  const podIps = pod.spec?.hostNetwork ? input.hostIPs : runtime.ips;
  const keptIps = podIps.length || phase === 'Pending' ? podIps : (old.podIPs ?? []).map(({ ip }) => ip ?? '');

  // A pod that the node refused has none: `kubectl get` shows the reason instead.
  const refused = isFinal({ phase }) && !runtime.containers.length && !old.containerStatuses?.length;
  const status: PodStatus = {
    phase,
    ...(reason && { reason }),
    ...(message && { message }),
    ...(input.hostIPs[0] && { hostIP: input.hostIPs[0], hostIPs: input.hostIPs.map((ip) => ({ ip })) }),
    ...(keptIps[0] && { podIP: keptIps[0], podIPs: keptIps.map((ip) => ({ ip })) }),
    startTime: old.startTime ?? formatTime(input.nowMs),
    ...(!refused && initContainers.length > 0 && { initContainerStatuses }),
    ...(!refused && ephemeralContainers.length > 0 && { ephemeralContainerStatuses }),
    ...(!refused && { containerStatuses }),
    ...(old.qosClass && { qosClass: old.qosClass }),
    ...(pod.metadata?.generation && { observedGeneration: pod.metadata.generation }),
  };
  status.conditions = computeConditions(pod, status, {
    nowMs: input.nowMs,
    more: [...input.resizeConditions, ...(verdict?.condition ? [verdict.condition] : [])],
    sandboxReady: runtime.sandboxes[0]?.state === 'running' && (spec?.hostNetwork === true || runtime.ips.length > 0),
  });
  return status;
}

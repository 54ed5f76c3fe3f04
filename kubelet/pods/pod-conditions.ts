/** The conditions that the kubelet owns, with upstream's reasons and messages (pkg/kubelet/status/generate.go). */
import type { Container, ContainerStatus, Pod, PodCondition, PodStatus } from '../../api/core/v1/pod';
import { formatTime } from '../../component-base/clock';
import { isSidecar } from './restart-policy';

/** Others may set any other condition; those are kept as they are. */
export const kubeletConditions: readonly string[] = [
  'PodReadyToStartContainers',
  'Initialized',
  'Ready',
  'ContainersReady',
  'PodScheduled',
  'PodResizePending',
  'PodResizeInProgress',
];

/** What the kubelet has to tell: its own conditions, and one that it shares with others. */
export const isOwnCondition = ({ type, reason }: PodCondition): boolean =>
  kubeletConditions.includes(type) || (type === 'DisruptionTarget' && reason === 'TerminationByKubelet');

type Verdict = Pick<PodCondition, 'type' | 'status' | 'reason' | 'message' | 'observedGeneration'>;

export function computeConditions(
  pod: Pod,
  status: PodStatus,
  facts: { nowMs: number; sandboxReady: boolean; more: readonly Verdict[] },
): PodCondition[] {
  const old = pod.status?.conditions ?? [];
  const containersReady = containersReadyOf(pod, status);
  const verdicts: Verdict[] = [
    { type: 'PodReadyToStartContainers', status: facts.sandboxReady ? 'True' : 'False' },
    initializedOf(pod, status),
    readyOf(pod, containersReady),
    containersReady,
    { type: 'PodScheduled', status: 'True' },
    ...facts.more,
  ];
  const generation = pod.metadata?.generation;
  const own = verdicts.map((verdict): PodCondition => {
    const before = old.find(({ type }) => type === verdict.type);
    const same = before?.status === verdict.status;
    return {
      ...(generation && { observedGeneration: generation }),
      ...verdict,
      lastTransitionTime: (same && before.lastTransitionTime) || formatTime(facts.nowMs),
    };
  });
  const others = old.filter(({ type }) => !kubeletConditions.includes(type) && !own.some((one) => one.type === type));
  return [...own, ...others];
}

const names = (list: { name: string }[]): string => `[${list.map(({ name }) => name).join(' ')}]`;

function unready(containers: Container[], statuses: ContainerStatus[]): { unknown: Container[]; unready: Container[] } {
  const found = (name: string): ContainerStatus | undefined => statuses.find((status) => status.name === name);
  return {
    unknown: containers.filter(({ name }) => !found(name)),
    unready: containers.filter(({ name }) => found(name) && !found(name)?.ready),
  };
}

function containersReadyOf(pod: Pod, status: PodStatus): Verdict {
  const type = 'ContainersReady';
  if (status.phase === 'Succeeded') return { type, status: 'False', reason: 'PodCompleted' };
  if (status.phase === 'Failed') return { type, status: 'False', reason: 'PodFailed' };
  const sidecars = ((pod.spec?.initContainers ?? []) as Container[]).filter(isSidecar);
  const containers = [...sidecars, ...((pod.spec?.containers ?? []) as Container[])];
  const statuses = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  const lacking = unready(containers, statuses);
  const messages = [
    ...(lacking.unknown.length ? [`containers with unknown status: ${names(lacking.unknown)}`] : []),
    ...(lacking.unready.length ? [`containers with unready status: ${names(lacking.unready)}`] : []),
  ];
  if (messages.length === 0) return { type, status: 'True' };
  return { type, status: 'False', reason: 'ContainersNotReady', message: messages.join(', ') };
}

function readyOf(pod: Pod, containersReady: Verdict): Verdict {
  if (containersReady.status !== 'True') return { ...containersReady, type: 'Ready' };
  const gates = (pod.spec?.readinessGates ?? []).map(({ conditionType }) => conditionType);
  const messages = gates.flatMap((gate) => {
    const condition = pod.status?.conditions?.find(({ type }) => type === gate);
    if (!condition) return [`corresponding condition of pod readiness gate "${gate}" does not exist.`];
    if (condition.status === 'True') return [];
    return [`the status of pod readiness gate "${gate}" is not "True", but ${condition.status}`];
  });
  if (messages.length === 0) return { type: 'Ready', status: 'True' };
  return { type: 'Ready', status: 'False', reason: 'ReadinessGatesNotReady', message: messages.join(', ') };
}

function initializedOf(pod: Pod, status: PodStatus): Verdict {
  const type = 'Initialized';
  const init = (pod.spec?.initContainers ?? []) as Container[];
  if (init.length === 0) return { type, status: 'True' };
  if (status.phase === 'Succeeded') return { type, status: 'True', reason: 'PodCompleted' };
  const started = (pod.spec?.containers ?? []).some(({ name }) => {
    const found = status.containerStatuses?.find((container) => container.name === name);
    return found?.state?.running !== undefined || found?.containerID !== undefined;
  });
  if (started) return { type, status: 'True' };
  const statuses = status.initContainerStatuses ?? [];
  const incomplete = init.filter(({ name, restartPolicy }) => {
    const found = statuses.find((container) => container.name === name);
    return restartPolicy === 'Always' ? !found?.started : !found?.ready;
  });
  if (incomplete.length === 0) return { type, status: 'True' };
  const message = `containers with incomplete status: ${names(incomplete)}`;
  return { type, status: 'False', reason: 'ContainersNotInitialized', message };
}

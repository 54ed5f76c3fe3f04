/** What `kubectl get pods` shows. Upstream: printPod in `pkg/printers/internalversion/printers.go`. */
import { ageColumn, nameColumn, textColumn, translateTimestampSince, wide } from '../../../meta/columns';
import type { TableColumn } from '../../../meta/resource-definition';
import { getPodCondition, isPodReady, isPodTerminal, isRestartableInitContainer } from './conditions';
import type { ContainerState, ContainerStatus, Pod } from './types';

/** The reason the node lifecycle controller gives pods of a node that is gone. */
const nodeLost = 'NodeLost';

interface PodSummary {
  ready: number;
  total: number;
  status: string;
  restarts: number;
  lastRestart: string | undefined;
}

/** Counts restarts and remembers the last one. */
class Restarts {
  count = 0;
  last: string | undefined;

  add(status: ContainerStatus): void {
    this.count += status.restartCount;
    const finished = status.lastState?.terminated?.finishedAt;
    if (finished && (!this.last || Date.parse(finished) > Date.parse(this.last))) this.last = finished;
  }
}

const terminatedReason = (terminated: NonNullable<ContainerState['terminated']>): string =>
  terminated.reason || (terminated.signal ? `Signal:${terminated.signal}` : `ExitCode:${terminated.exitCode}`);

/** Where initialization stands, as `Init:…`; undefined when it is over. Counts ready sidecars on the way. */
function initReason(pod: Pod, onRestart: (status: ContainerStatus, sidecar: boolean) => void, onReady: () => void) {
  const specs = pod.spec?.initContainers ?? [];
  const statuses = pod.status?.initContainerStatuses ?? [];
  for (const [index, status] of statuses.entries()) {
    const sidecar = isRestartableInitContainer(specs.find(({ name }) => name === status.name));
    onRestart(status, sidecar);
    const { terminated, waiting } = status.state ?? {};
    if (terminated?.exitCode === 0) continue;
    if (sidecar && status.started) {
      if (status.ready) onReady();
      continue;
    }
    if (terminated) return `Init:${terminatedReason(terminated)}`;
    if (waiting?.reason && waiting.reason !== 'PodInitializing') return `Init:${waiting.reason}`;
    return `Init:${index}/${specs.length}`;
  }
  return undefined;
}

/** What the Ready, Status and Restarts columns say about a pod. */
export function summarizePod(pod: Pod): PodSummary {
  const status = pod.status ?? {};
  let reason = status.reason || status.phase || '';
  if (getPodCondition(status, 'PodScheduled')?.reason === 'SchedulingGated') reason = 'SchedulingGated';
  const sidecars = (pod.spec?.initContainers ?? []).filter(isRestartableInitContainer).length;
  const total = (pod.spec?.containers ?? []).length + sidecars;
  let ready = 0;
  const initRestarts = new Restarts();
  const restarts = new Restarts();
  const initializing = initReason(
    pod,
    (container, sidecar) => {
      initRestarts.add(container);
      if (sidecar) restarts.add(container);
    },
    () => ready++,
  );
  if (initializing) reason = initializing;
  const started = !initializing || getPodCondition(status, 'Initialized')?.status === 'True';
  if (started) {
    let hasRunning = false;
    for (const container of [...(status.containerStatuses ?? [])].reverse()) {
      restarts.add(container);
      const { waiting, terminated, running } = container.state ?? {};
      if (waiting?.reason) reason = waiting.reason;
      else if (terminated) reason = terminatedReason(terminated);
      else if (container.ready && running) {
        hasRunning = true;
        ready++;
      }
    }
    // One container may be done while others still run.
    if (reason === 'Completed' && hasRunning) reason = isPodReady(pod) ? 'Running' : 'NotReady';
  }
  if (pod.metadata?.deletionTimestamp) {
    if (status.reason === nodeLost) reason = 'Unknown';
    else if (!isPodTerminal(pod)) reason = 'Terminating';
  }
  const counted = started ? restarts : initRestarts;
  return { ready, total, status: reason, restarts: counted.count, lastRestart: counted.last };
}

function readinessGates(pod: Pod): string {
  const gates = pod.spec?.readinessGates ?? [];
  if (gates.length === 0) return '<none>';
  const met = gates.filter(({ conditionType }) => getPodCondition(pod.status, conditionType)?.status === 'True');
  return `${met.length}/${gates.length}`;
}

export const podColumns: TableColumn<Pod>[] = [
  nameColumn,
  textColumn('Ready', 'The aggregate readiness state of this pod for accepting traffic.', (pod) => {
    const { ready, total } = summarizePod(pod);
    return `${ready}/${total}`;
  }),
  textColumn('Status', 'The aggregate status of the containers in this pod.', (pod) => summarizePod(pod).status),
  textColumn(
    'Restarts',
    'The number of times the containers in this pod have been restarted and when the last container in this pod has restarted.',
    (pod, now) => {
      const { restarts, lastRestart } = summarizePod(pod);
      if (restarts === 0 || !lastRestart) return String(restarts);
      return `${restarts} (${translateTimestampSince(lastRestart, now)} ago)`;
    },
  ),
  ageColumn,
  wide(
    textColumn(
      'IP',
      'podIP address allocated to the pod. Routable at least within the cluster. Empty if not yet allocated.',
      (pod) => pod.status?.podIPs?.[0]?.ip || pod.status?.podIP || '<none>',
    ),
  ),
  wide(
    textColumn(
      'Node',
      'NodeName indicates in which node this pod is scheduled. If empty, this pod is a candidate for scheduling by the scheduler defined in schedulerName.',
      (pod) => pod.spec?.nodeName || '<none>',
    ),
  ),
  wide(
    textColumn(
      'Nominated Node',
      'nominatedNodeName is set only when this pod preempts other pods on the node, but it cannot be scheduled right away as preemption victims receive their graceful termination periods.',
      (pod) => pod.status?.nominatedNodeName || '<none>',
    ),
  ),
  wide(
    textColumn(
      'Readiness Gates',
      'If specified, all readiness gates will be evaluated for pod readiness. A pod is ready when all its containers are ready AND all conditions specified in the readiness gates have status equal to "True"',
      readinessGates,
    ),
  ),
];

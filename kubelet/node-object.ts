/** The Node object as the kubelet writes it: labels, capacity, addresses and conditions with upstream's words. Pure. */
import type { Node, NodeCondition, NodeStatus, Taint } from '../api/core/v1/node';
import { isExtendedResource } from '../api/core/v1/pod/validation/resources';
import { formatTime } from '../component-base/clock';
import { version } from '../component-base/version';
import type { PressureCondition } from './eviction/signals';
import { reservedFor, type Threshold } from './eviction/thresholds';
import type { MachineInfo } from './machine-info';
import { hostAddressAnnotation } from './network/routes';
import type { ImageInfo } from './runtime/runtime';

export interface NodeIdentity {
  name: string;
  labels: Record<string, string>;
  taints: Taint[];
  hostAddress: string;
}

export function newNode({ name, labels, taints, hostAddress }: NodeIdentity, machine: MachineInfo): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'beta.kubernetes.io/arch': machine.architecture,
        'beta.kubernetes.io/os': 'linux',
        'kubernetes.io/arch': machine.architecture,
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        ...labels,
      },
      annotations: {
        'volumes.kubernetes.io/controller-managed-attach-detach': 'true',
        ...(hostAddress && { [hostAddressAnnotation]: hostAddress }),
      },
    },
    spec: { ...(taints.length > 0 && { taints }) },
  };
}

/** `key=value:Effect`, or `key:Effect`. */
export function parseTaint(text: string): Taint {
  const match = /^([^=:]+)(?:=([^:]*))?:(NoSchedule|PreferNoSchedule|NoExecute)$/.exec(text);
  if (!match) throw new Error(`invalid taint spec: ${text}`);
  const [, key = '', value, effect = ''] = match;
  return { key, ...(value && { value }), effect };
}

export interface NodeFacts {
  machine: MachineInfo;
  pressure: ReadonlySet<PressureCondition>;
  allocatable: Record<string, string>;
  maxPods: number;
  hostname: string;
  internalIp: string;
  kubeletPort: number;
  engineVersion: string;
  images: ImageInfo[];
  /** Empty when all is well, else why the node is not ready. */
  problems: string[];
  nowMs: number;
}

const memory = (bytes: number): string => `${Math.floor(bytes / 1024)}Ki`;
const disk = (bytes: number): string => (bytes % 1024 === 0 ? memory(bytes) : String(bytes));

const common = ({ cpus }: MachineInfo, maxPods: number): Record<string, string> => ({
  cpu: String(cpus),
  'hugepages-1Gi': '0',
  'hugepages-2Mi': '0',
  pods: String(maxPods),
});

/** What pods may ask of the node: known before the node is registered, so that no pod is judged by an empty node. */
export function allocatableOf(
  machine: MachineInfo,
  maxPods: number,
  thresholds: readonly Threshold[],
): Record<string, string> {
  const { diskBytes, memoryBytes } = machine;
  return {
    ...common(machine, maxPods),
    'ephemeral-storage': disk(diskBytes - reservedFor('nodefs.available', thresholds, diskBytes)),
    memory: memory(Math.max(0, memoryBytes - reservedFor('memory.available', thresholds, memoryBytes))),
  };
}

/** What others say that the node has. */
export const extendedResourcesOf = (resources: Record<string, string> = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(resources).filter(([name]) => isExtendedResource(name)));

/** `old` is what was reported before; `capacity` what the API has now: extended resources in it can all be allocated. */
export function nodeStatus(
  facts: NodeFacts,
  old: NodeStatus | undefined,
  capacity?: NodeStatus['capacity'],
): NodeStatus {
  const { machine } = facts;
  return {
    capacity: {
      ...common(machine, facts.maxPods),
      'ephemeral-storage': memory(machine.diskBytes),
      memory: memory(machine.memoryBytes),
    },
    allocatable: { ...facts.allocatable, ...extendedResourcesOf(capacity) },
    addresses: [
      ...(facts.internalIp ? [{ type: 'InternalIP', address: facts.internalIp }] : []),
      { type: 'Hostname', address: facts.hostname },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: facts.kubeletPort } },
    nodeInfo: {
      machineID: machine.machineID,
      systemUUID: machine.systemUUID,
      bootID: machine.bootID,
      kernelVersion: machine.kernelVersion,
      osImage: machine.osImage,
      containerRuntimeVersion: `docker://${facts.engineVersion}`,
      kubeletVersion: version.gitVersion,
      kubeProxyVersion: '',
      operatingSystem: 'linux',
      architecture: machine.architecture,
    },
    features: { supplementalGroupsPolicy: false },
    images: imageList(facts.images),
    conditions: nodeConditions(facts, old?.conditions ?? []),
  };
}

/** The 50 largest, as upstream's nodeStatusMaxImages has it. */
const imageList = (images: ImageInfo[]) =>
  images
    .filter(({ repoTags, repoDigests }) => repoTags.length + repoDigests.length > 0)
    .sort((a, b) => b.sizeBytes - a.sizeBytes)
    .slice(0, 50)
    .map(({ repoTags, repoDigests, sizeBytes }) => ({ names: [...repoDigests, ...repoTags].slice(0, 5), sizeBytes }));

type Verdict = Pick<NodeCondition, 'type' | 'status'> & { reason: string; message: string };

function nodeConditions({ pressure, problems, nowMs }: NodeFacts, old: NodeCondition[]): NodeCondition[] {
  const pick = (type: string, bad: boolean, yes: [string, string], no: [string, string]): Verdict => {
    const [reason, message] = bad ? yes : no;
    return { type, status: bad ? 'True' : 'False', reason, message };
  };
  const ready: Verdict = problems.length
    ? { type: 'Ready', status: 'False', reason: 'KubeletNotReady', message: problemText(problems) }
    : { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' };
  const verdicts = [
    pick(
      'MemoryPressure',
      pressure.has('MemoryPressure'),
      ['KubeletHasInsufficientMemory', 'kubelet has insufficient memory available'],
      ['KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
    ),
    pick(
      'DiskPressure',
      pressure.has('DiskPressure'),
      ['KubeletHasDiskPressure', 'kubelet has disk pressure'],
      ['KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
    ),
    pick(
      'PIDPressure',
      pressure.has('PIDPressure'),
      ['KubeletHasInsufficientPID', 'kubelet has insufficient PID available'],
      ['KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
    ),
    ready,
  ];
  return verdicts.map((verdict) => {
    const before = old.find(({ type }) => type === verdict.type);
    const now = formatTime(nowMs);
    const since = before?.status === verdict.status ? before.lastTransitionTime : undefined;
    return { ...verdict, lastHeartbeatTime: now, lastTransitionTime: since ?? now };
  });
}

/** Upstream aggregates errors this way. */
const problemText = (problems: string[]): string =>
  problems.length === 1 ? (problems[0] ?? '') : `[${problems.join(', ')}]`;

/** Node events for conditions that changed: `NodeReady`, `NodeHasDiskPressure`, … */
export function conditionEvents(
  node: string,
  old: NodeCondition[],
  next: NodeCondition[],
): [reason: string, message: string][] {
  const names: Record<string, [string, string]> = {
    Ready: ['NodeReady', 'NodeNotReady'],
    MemoryPressure: ['NodeHasInsufficientMemory', 'NodeHasSufficientMemory'],
    DiskPressure: ['NodeHasDiskPressure', 'NodeHasNoDiskPressure'],
    PIDPressure: ['NodeHasInsufficientPID', 'NodeHasSufficientPID'],
  };
  return next.flatMap(({ type, status }): [string, string][] => {
    const before = old.find((condition) => condition.type === type);
    if (before?.status === status) return [];
    if (!before && type === 'Ready' && status === 'False') return [];
    const reason = names[type]?.[status === 'True' ? 0 : 1];
    return reason ? [[reason, `Node ${node} status is now: ${reason}`]] : [];
  });
}

/** Whether a status is worth sending before its time: heartbeats alone are not. */
export function isSameStatus(one: NodeStatus, other: NodeStatus): boolean {
  const strip = (status: NodeStatus): string =>
    JSON.stringify({
      ...status,
      conditions: status.conditions?.map(({ lastHeartbeatTime: _beat, ...condition }) => condition),
    });
  return strip(one) === strip(other);
}

/** Whether somebody else has since said otherwise about one of our conditions. */
export const isContradicted = (sent: NodeStatus, known: NodeStatus | undefined): boolean =>
  (sent.conditions ?? []).some(({ type, status }) => {
    const other = known?.conditions?.find((condition) => condition.type === type);
    return other !== undefined && other.status !== status;
  });

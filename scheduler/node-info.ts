/**
 * Pods and nodes with what scheduling asks of them over and over computed once: requests as plain numbers, ports, affinity.
 * Upstream: `pkg/scheduler/framework/types.go`.
 */
import type { Node } from '../api/core/v1/node';
import { effectivePodRequests, type Pod, type PodAffinityTerm } from '../api/core/v1/pod';
import { claimsOf } from '../api/core/v1/pod/claims';
import { parseResources, type Resources } from '../api/core/v1/pod/resources';
import { type Selector, selectorFromLabelSelector } from '../api/meta/selectors';
import { keyOf, type Stored } from '../api/meta/types';

/** Amounts by resource: cpu in thousandths, everything else in units. */
export type Amounts = Record<string, number>;

export interface HostPort {
  ip: string;
  protocol: string;
  port: number;
}

/** A pod (anti-)affinity term ready for matching. */
export interface AffinityTerm {
  topologyKey: string;
  /** The namespaces it names; those of `namespaceSelector` come on top. */
  namespaces: ReadonlySet<string>;
  namespaceSelector: Selector;
  selector: Selector;
  weight: number;
}

export interface PodInfo {
  pod: Stored<Pod>;
  key: string;
  priority: number;
  requests: Amounts;
  /** The same in the order in which what is missing is told. */
  sortedRequests: readonly [resource: string, amount: number][];
  /** CPU and memory with 100m and 200 MB per container that asks for nothing, for scoring. */
  nonZero: { cpu: number; memory: number };
  hostPorts: HostPort[];
  /** `namespace/name` of the PersistentVolumeClaims it uses. */
  claims: string[];
  requiredAffinity: AffinityTerm[];
  requiredAntiAffinity: AffinityTerm[];
  preferredAffinity: AffinityTerm[];
  preferredAntiAffinity: AffinityTerm[];
}

export interface NodeInfo {
  node: Stored<Node>;
  pods: Map<string, PodInfo>;
  /** Those of `pods` with any affinity or anti-affinity. */
  withAffinity: Map<string, PodInfo>;
  allocatable: Amounts;
  requested: Amounts;
  nonZero: { cpu: number; memory: number };
  hostPorts: HostPort[];
  /** Size in bytes by image name. */
  images: ReadonlyMap<string, number>;
}

const toAmounts = (resources: Resources): Amounts =>
  Object.fromEntries(
    Object.entries(resources).map(([name, quantity]) => [
      name,
      name === 'cpu' ? quantity.milliValue() : quantity.value(),
    ]),
  );

const firstResources = ['cpu', 'memory', 'ephemeral-storage'];
const rank = (resource: string): number =>
  firstResources.includes(resource) ? firstResources.indexOf(resource) : firstResources.length;

const defaultMilliCpu = 100;
const defaultMemoryBytes = 200 * 1024 * 1024;

export function newPodInfo(pod: Stored<Pod>): PodInfo {
  const { spec } = pod;
  const sidecars = (spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  const containers = [...sidecars, ...(spec?.containers ?? [])];
  const requests = toAmounts(effectivePodRequests(pod));
  const unset = (name: string): number => containers.filter((c) => c.resources?.requests?.[name] === undefined).length;
  const { podAffinity, podAntiAffinity } = spec?.affinity ?? {};
  const term = (raw: PodAffinityTerm, weight = 1): AffinityTerm => newAffinityTerm(pod, raw, weight);
  return {
    pod,
    key: keyOf(pod),
    priority: spec?.priority ?? 0,
    requests,
    sortedRequests: Object.entries(requests).sort(([a], [b]) => rank(a) - rank(b)),
    nonZero: {
      cpu: (requests['cpu'] ?? 0) + unset('cpu') * defaultMilliCpu,
      memory: (requests['memory'] ?? 0) + unset('memory') * defaultMemoryBytes,
    },
    hostPorts: containers.flatMap((container) =>
      (container.ports ?? [])
        .filter(({ hostPort }) => hostPort)
        .map(({ hostIP, protocol, hostPort }) => ({
          ip: hostIP || '0.0.0.0',
          protocol: protocol ?? 'TCP',
          port: hostPort as number,
        })),
    ),
    claims: claimsOf(pod),
    requiredAffinity: (podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map((t) => term(t)),
    requiredAntiAffinity: requiredAntiAffinityOf(pod),
    preferredAffinity: (podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((t) =>
      term(t.podAffinityTerm, t.weight),
    ),
    preferredAntiAffinity: (podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((t) =>
      term(t.podAffinityTerm, t.weight),
    ),
  };
}

/** The same pod after a change that scheduling does not look at: nothing is computed anew. */
export const withPod = (info: PodInfo, pod: Stored<Pod>): PodInfo => ({ ...info, pod });

export const requiredAntiAffinityOf = (pod: Pod): AffinityTerm[] =>
  (pod.spec?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map((raw) =>
    newAffinityTerm(pod, raw, 1),
  );

function newAffinityTerm(pod: Pod, raw: PodAffinityTerm, weight: number): AffinityTerm {
  const own = !raw.namespaces?.length && raw.namespaceSelector === undefined;
  return {
    topologyKey: raw.topologyKey,
    namespaces: new Set(own ? [pod.metadata?.namespace ?? ''] : raw.namespaces),
    namespaceSelector: selectorFromLabelSelector(raw.namespaceSelector),
    selector: selectorFromLabelSelector(raw.labelSelector),
    weight,
  };
}

const hasAffinity = (info: PodInfo): boolean =>
  info.requiredAffinity.length > 0 ||
  info.requiredAntiAffinity.length > 0 ||
  info.preferredAffinity.length > 0 ||
  info.preferredAntiAffinity.length > 0;

export function newNodeInfo(node: Stored<Node>, pods: Iterable<PodInfo> = []): NodeInfo {
  const info: NodeInfo = {
    node,
    pods: new Map(),
    withAffinity: new Map(),
    allocatable: {},
    requested: {},
    nonZero: { cpu: 0, memory: 0 },
    hostPorts: [],
    images: new Map(),
  };
  setNode(info, node);
  for (const pod of pods) addPod(info, pod);
  return info;
}

/** Replaces the node object. */
export function setNode(info: NodeInfo, node: Stored<Node>): void {
  info.node = node;
  info.allocatable = toAmounts(parseResources(node.status?.allocatable));
  info.images = new Map(
    (node.status?.images ?? []).flatMap(({ names, sizeBytes }) =>
      (names ?? []).map((name): [string, number] => [name, sizeBytes ?? 0]),
    ),
  );
}

export function addPod(info: NodeInfo, pod: PodInfo): void {
  const uid = pod.pod.metadata.uid;
  info.pods.set(uid, pod);
  if (hasAffinity(pod)) info.withAffinity.set(uid, pod);
  account(info, pod, 1);
  info.hostPorts.push(...pod.hostPorts);
}

export function removePod(info: NodeInfo, uid: string): void {
  const pod = info.pods.get(uid);
  if (!pod) return;
  info.pods.delete(uid);
  info.withAffinity.delete(uid);
  account(info, pod, -1);
  if (pod.hostPorts.length) info.hostPorts = [...info.pods.values()].flatMap(({ hostPorts }) => hostPorts);
}

function account(info: NodeInfo, pod: PodInfo, sign: 1 | -1): void {
  for (const [name, amount] of Object.entries(pod.requests)) {
    info.requested[name] = (info.requested[name] ?? 0) + sign * amount;
  }
  info.nonZero.cpu += sign * pod.nonZero.cpu;
  info.nonZero.memory += sign * pod.nonZero.memory;
}

/** A copy whose pods can be changed without touching the original. */
export const cloneNodeInfo = (info: NodeInfo): NodeInfo => ({
  ...info,
  pods: new Map(info.pods),
  withAffinity: new Map(info.withAffinity),
  requested: { ...info.requested },
  nonZero: { ...info.nonZero },
  hostPorts: [...info.hostPorts],
});

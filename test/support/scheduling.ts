/** Nodes and pods for scheduler tests, with only what a test says about them. */
import type { Node } from '../../api/core/v1/node';
import type { Pod, PodCondition, PodSpec } from '../../api/core/v1/pod';
import type { Stored } from '../../api/meta/types';
import { findFeasible, prepareFilters } from '../../scheduler/filters';
import type { ClusterView } from '../../scheduler/framework';
import { newNodeInfo, newPodInfo, type NodeInfo, type PodInfo } from '../../scheduler/node-info';
import { defaultPlugins } from '../../scheduler/plugins';

const meta = (name: string) => ({
  name,
  uid: `uid-${name}`,
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
});

export interface NodeOptions {
  labels?: Record<string, string>;
  allocatable?: Record<string, string>;
  spec?: Node['spec'];
  images?: { names: string[]; sizeBytes: number }[];
}

export const makeNode = (name: string, options: NodeOptions = {}): Stored<Node> => ({
  metadata: { ...meta(name), labels: { 'kubernetes.io/hostname': name, ...options.labels } },
  ...(options.spec && { spec: options.spec }),
  status: {
    allocatable: { cpu: '4', memory: '8Gi', pods: '110', ...options.allocatable },
    ...(options.images && { images: options.images }),
  },
});

export interface PodOptions extends Partial<Omit<PodSpec, 'containers'>> {
  labels?: Record<string, string>;
  namespace?: string;
  requests?: Record<string, string>;
  ports?: { containerPort: number; hostPort: number; hostIP?: string; protocol?: string }[];
  image?: string;
  startTime?: string;
  nominatedNodeName?: string;
  deletionTimestamp?: string;
  conditions?: PodCondition[];
}

export function makePod(name: string, options: PodOptions = {}): Stored<Pod> {
  const {
    labels,
    namespace = 'default',
    requests,
    ports,
    image = 'app',
    startTime,
    nominatedNodeName,
    ...rest
  } = options;
  const { deletionTimestamp, conditions, ...spec } = rest;
  return {
    metadata: { ...meta(name), namespace, ...(labels && { labels }), ...(deletionTimestamp && { deletionTimestamp }) },
    spec: {
      ...spec,
      containers: [{ name: 'app', image, ...(requests && { resources: { requests } }), ...(ports && { ports }) }],
    },
    status: {
      ...(startTime && { startTime }),
      ...(nominatedNodeName && { nominatedNodeName }),
      ...(conditions && { conditions }),
    },
  };
}

export const podInfo = (name: string, options?: PodOptions): PodInfo => newPodInfo(makePod(name, options));

/** A node with pods on it. */
export const nodeInfo = (name: string, options: NodeOptions = {}, pods: PodInfo[] = []): NodeInfo =>
  newNodeInfo(makeNode(name, options), pods);

export const emptyView: ClusterView = {
  namespaceLabels: () => ({}),
  ownerSelector: () => undefined,
  claim: () => undefined,
  volume: () => undefined,
  storageClass: () => undefined,
};

/** What each node says to the pod by the default plugins: '' when it fits. `nominated`: who waits for room, by node. */
export function verdicts(
  pod: PodInfo,
  nodes: NodeInfo[],
  { view = emptyView, nominated = {} }: { view?: ClusterView; nominated?: Record<string, PodInfo[]> } = {},
): Record<string, string> {
  const filters = prepareFilters(defaultPlugins, pod, nodes, view);
  const { diagnosis } = findFeasible(filters, nodes, (name) => nominated[name] ?? []);
  return Object.fromEntries(
    nodes.map(({ node: { metadata } }) => [
      metadata.name,
      diagnosis.preFilterMessage ?? diagnosis.rejections.get(metadata.name)?.reasons.join('; ') ?? '',
    ]),
  );
}

export const verdict = (pod: PodInfo, node: NodeInfo): string => verdicts(pod, [node])[node.node.metadata.name] ?? '';

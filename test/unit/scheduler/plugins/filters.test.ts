import { findFeasible } from '../../../../scheduler/framework';
import type { NodeInfo, PodInfo } from '../../../../scheduler/node-info';
import { defaultPlugins } from '../../../../scheduler/plugins';
import { emptyView, nodeInfo, podInfo } from '../../../support/scheduling';

/** What each node says to the pod: '' when it fits. */
const verdicts = (pod: PodInfo, nodes: NodeInfo[]): Record<string, string> => {
  const { diagnosis } = findFeasible(defaultPlugins, pod, nodes, emptyView);
  return Object.fromEntries(
    nodes.map(({ node: { metadata } }) => [
      metadata.name,
      diagnosis.rejections.get(metadata.name)?.reasons.join('; ') ?? '',
    ]),
  );
};
const verdict = (pod: PodInfo, node: NodeInfo): string => verdicts(pod, [node])[node.node.metadata.name] ?? '';
const taint = (effect: string) => ({ spec: { taints: [{ key: 'k', value: 'v', effect }] } });
const web = { labels: { app: 'web' } };
const selectWeb = { labelSelector: { matchLabels: { app: 'web' } } };
const zone = (name: string) => ({ labels: { zone: name } });

describe('filters', () => {
  it.each([
    ['room', podInfo('p', { requests: { cpu: '4', memory: '8Gi' } }), nodeInfo('n'), ''],
    [
      'too little of two things',
      podInfo('p', { requests: { memory: '9Gi', cpu: '5' } }),
      nodeInfo('n'),
      'Insufficient cpu; Insufficient memory',
    ],
    [
      'an unknown resource',
      podInfo('p', { requests: { 'nvidia.com/gpu': '1' } }),
      nodeInfo('n'),
      'Insufficient nvidia.com/gpu',
    ],
    ['a full node', podInfo('p'), nodeInfo('n', { allocatable: { pods: '1' } }, [podInfo('x')]), 'Too many pods'],
    ['a cordoned node', podInfo('p'), nodeInfo('n', { spec: { unschedulable: true } }), 'node(s) were unschedulable'],
    [
      'a tolerated cordon',
      podInfo('p', { tolerations: [{ key: 'node.kubernetes.io/unschedulable', operator: 'Exists' }] }),
      nodeInfo('n', { spec: { unschedulable: true } }),
      '',
    ],
    ['a taint', podInfo('p'), nodeInfo('n', taint('NoExecute')), 'node(s) had untolerated taint {k: v}'],
    [
      'a tolerated taint',
      podInfo('p', { tolerations: [{ key: 'k', value: 'v' }] }),
      nodeInfo('n', taint('NoSchedule')),
      '',
    ],
    ['a soft taint', podInfo('p'), nodeInfo('n', taint('PreferNoSchedule')), ''],
    [
      'a node selector',
      podInfo('p', { nodeSelector: { disk: 'ssd' } }),
      nodeInfo('n'),
      "node(s) didn't match Pod's node affinity/selector",
    ],
    [
      'a taken host port',
      podInfo('p', { ports: [{ containerPort: 1, hostPort: 80 }] }),
      nodeInfo('n', {}, [podInfo('x', { ports: [{ containerPort: 2, hostPort: 80, hostIP: '10.0.0.1' }] })]),
      "node(s) didn't have free ports for the requested pod ports",
    ],
    [
      'the port of another protocol',
      podInfo('p', { ports: [{ containerPort: 1, hostPort: 80 }] }),
      nodeInfo('n', {}, [podInfo('x', { ports: [{ containerPort: 2, hostPort: 80, protocol: 'UDP' }] })]),
      '',
    ],
  ])('%s', (_name, pod, node, expected) => expect(verdict(pod, node)).toBe(expected));
});

describe('InterPodAffinity', () => {
  const near = {
    affinity: {
      podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ ...selectWeb, topologyKey: 'zone' }] },
    },
  };
  const away = {
    affinity: {
      podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ ...selectWeb, topologyKey: 'zone' }] },
    },
  };

  it('keeps a pod in the zone of those it wants to be near', () => {
    const nodes = [nodeInfo('a1', zone('a'), [podInfo('x', web)]), nodeInfo('a2', zone('a')), nodeInfo('b', zone('b'))];
    expect(verdicts(podInfo('p', near), nodes)).toEqual({
      a1: '',
      a2: '',
      b: "node(s) didn't match pod affinity rules",
    });
  });

  it('lets the first pod of a group go anywhere', () => {
    expect(verdict(podInfo('p', { ...near, ...web }), nodeInfo('a', zone('a')))).toBe('');
    expect(verdict(podInfo('p', near), nodeInfo('a', zone('a')))).toBe("node(s) didn't match pod affinity rules");
  });

  it('keeps pods apart, also when it is the running one that minds', () => {
    const nodes = [nodeInfo('a', zone('a'), [podInfo('x', web)]), nodeInfo('b', zone('b'))];
    expect(verdicts(podInfo('p', away), nodes)).toEqual({ a: "node(s) didn't match pod anti-affinity rules", b: '' });
    const minding = [nodeInfo('a', zone('a'), [podInfo('x', away)]), nodeInfo('b', zone('b'))];
    expect(verdicts(podInfo('p', web), minding)).toEqual({
      a: "node(s) didn't satisfy existing pods anti-affinity rules",
      b: '',
    });
  });

  it('looks only at its own namespace unless told otherwise', () => {
    const other = podInfo('x', { ...web, namespace: 'other' });
    expect(verdict(podInfo('p', away), nodeInfo('a', zone('a'), [other]))).toBe('');
  });
});

describe('PodTopologySpread', () => {
  const spread = (maxSkew: number, minDomains?: number) => ({
    ...web,
    topologySpreadConstraints: [
      {
        ...selectWeb,
        topologyKey: 'zone',
        maxSkew,
        whenUnsatisfiable: 'DoNotSchedule',
        ...(minDomains && { minDomains }),
      },
    ],
  });
  const pods = (count: number) => Array.from({ length: count }, (_, i) => podInfo(`w${i}-${Math.random()}`, web));

  it('rejects a zone that would be too far ahead', () => {
    const nodes = [nodeInfo('a', zone('a'), pods(2)), nodeInfo('b', zone('b'), pods(1)), nodeInfo('none')];
    expect(verdicts(podInfo('p', spread(1)), nodes)).toEqual({
      a: "node(s) didn't match pod topology spread constraints",
      b: '',
      none: "node(s) didn't match pod topology spread constraints (missing required label)",
    });
    expect(verdicts(podInfo('p', spread(2)), nodes.slice(0, 2))).toEqual({ a: '', b: '' });
  });

  it('counts missing zones as empty', () => {
    expect(verdict(podInfo('p', spread(1, 2)), nodeInfo('a', zone('a'), pods(1)))).not.toBe('');
    expect(verdict(podInfo('p', spread(1)), nodeInfo('a', zone('a'), pods(1)))).toBe('');
  });
});

import { nodeInfo, podInfo, verdict } from '../../support/scheduling';

const taint = (effect: string) => ({ spec: { taints: [{ key: 'k', value: 'v', effect }] } });

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
    ['a taint', podInfo('p'), nodeInfo('n', taint('NoExecute')), 'node(s) had untolerated taint(s)'],
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
      'a host port that a sidecar has taken',
      podInfo('p', { ports: [{ containerPort: 1, hostPort: 80 }] }),
      nodeInfo('n', {}, [
        podInfo('x', {
          initContainers: [{ name: 's', restartPolicy: 'Always', ports: [{ containerPort: 2, hostPort: 80 }] }],
        }),
      ]),
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

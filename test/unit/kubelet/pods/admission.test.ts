import { admitPod } from '../../../../kubelet/pods/admission';
import { container, podOf } from './pod-fixtures';

const node = {
  metadata: { name: 'n1', labels: { disk: 'ssd' } },
  status: { allocatable: { cpu: '2', memory: '1Gi', pods: '3' } },
} as never;
const cpu = (amount: string) => podOf({ containers: [container('app', { resources: { requests: { cpu: amount } } })] });
const port = (hostPort: number, hostIP?: string) => {
  const ports = [{ containerPort: 80, hostPort, ...(hostIP && { hostIP }) }];
  return podOf({ containers: [container('app', { ports })] });
};

describe('admitPod', () => {
  it('admits what fits', () => {
    expect(admitPod(cpu('500m'), [cpu('1500m')], node)).toBeUndefined();
    const linux = podOf({ os: { name: 'linux' }, securityContext: { supplementalGroupsPolicy: 'Merge' } });
    expect(admitPod(linux, [], node)).toBeUndefined();
  });

  it('counts extended resources that the node has, and leaves others to the scheduler', () => {
    const asks = (name: string) =>
      podOf({ containers: [container('app', { resources: { requests: { [name]: '1' } } })] });
    const gpu = { ...(node as object), status: { allocatable: { pods: '3', 'example.com/gpu': '1' } } } as never;
    expect(admitPod(asks('example.com/gpu'), [], gpu)).toBeUndefined();
    expect(admitPod(asks('example.com/gpu'), [asks('example.com/gpu')], gpu)?.reason).toBe('OutOfexample.com/gpu');
    expect(admitPod(asks('example.com/fpga'), [], gpu)).toBeUndefined();
  });

  it.each([
    [
      'OutOfcpu',
      cpu('600m'),
      [cpu('1500m')],
      "Node didn't have enough resource: cpu, requested: 600, used: 1500, capacity: 2000",
    ],
    [
      'OutOfpods',
      podOf({}),
      [podOf({}), podOf({}), podOf({})],
      "Node didn't have enough resource: pods, requested: 1, used: 3, capacity: 3",
    ],
    [
      'NodeAffinity',
      podOf({ nodeSelector: { disk: 'hdd' } }),
      [],
      "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
    ],
    [
      'PodOSNotSupported',
      podOf({ os: { name: 'windows' } }),
      [],
      "Failed to admit pod as the OS field doesn't match node OS",
    ],
    [
      'SupplementalGroupsPolicyNotSupported',
      podOf({ securityContext: { supplementalGroupsPolicy: 'Strict' } }),
      [],
      'SupplementalGroupsPolicy=Strict is not supported in this node',
    ],
    [
      'NodePorts',
      port(8080),
      [port(8080)],
      "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports",
    ],
  ])('rejects with %s', (reason, pod, active, message) => {
    expect(admitPod(pod, active, node)).toEqual({ phase: 'Failed', reason, message });
  });

  it.each([
    ['every address and one', port(80), port(80, '10.0.0.1'), false],
    ['one address and every', port(80, '10.0.0.1'), port(80, '0.0.0.0'), false],
    ['the same address', port(80, '10.0.0.1'), port(80, '10.0.0.1'), false],
    ['different addresses', port(80, '10.0.0.1'), port(80, '10.0.0.2'), true],
    ['different ports', port(80), port(81), true],
  ])('judges a host port on %s', (_what, pod, other, admitted) => {
    expect(admitPod(pod, [other], node) === undefined).toBe(admitted);
  });

  it('counts the host ports of sidecars, and not those of init containers', () => {
    const ports = [{ containerPort: 80, hostPort: 80 }];
    const withInit = (more: object) => podOf({ initContainers: [container('init', { ports, ...more })] });
    expect(admitPod(port(80), [withInit({ restartPolicy: 'Always' })], node)?.reason).toBe('NodePorts');
    expect(admitPod(port(80), [withInit({})], node)).toBeUndefined();
  });
});

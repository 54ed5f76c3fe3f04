/** How pods end on the real engine: the order, and what a deletion cuts short. */
import type { Container, PodStatus } from '../../../api/core/v1/pod';
import { type NodeUnderTest, startNode } from './node-under-test';

const shell = (name: string, script: string, more: Partial<Container> = {}): Container => ({
  name,
  image: 'kubelab/busybox:1',
  command: ['/bin/sh', '-c', script],
  ...more,
});

const deaf = 'trap "" TERM; while true; do sleep 1 & wait $!; done';
/** A process that gets its signal before it has set its trap would never hear of it. */
const trapping = (trap: string): string =>
  `trap '${trap}' TERM; touch /trapped; while true; do sleep 1 & wait $!; done`;
const isTrapping = { exec: { command: ['test', '-e', '/trapped'] }, periodSeconds: 1, failureThreshold: 30 };
const isReady = ({ conditions }: PodStatus): boolean =>
  conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;

describe('a pod that ends', () => {
  let node: NodeUnderTest;
  beforeAll(async () => {
    node = await startNode();
  });
  afterAll(async () => {
    await node.close();
  });

  it('runs the hooks of its sidecars while the app still ends, and stops them after it', async () => {
    const shared = { volumeMounts: [{ name: 'shared', mountPath: '/shared' }] };
    const pod = node.pod('sidecar', {
      terminationGracePeriodSeconds: 20,
      volumes: [{ name: 'shared', emptyDir: {} }],
      initContainers: [
        shell('helper', trapping('test -e /shared/ended; exit $?'), {
          ...shared,
          startupProbe: isTrapping,
          restartPolicy: 'Always',
          lifecycle: { preStop: { exec: { command: ['touch', '/shared/hook'] } } },
        }),
      ],
      containers: [
        shell('main', trapping('while ! test -e /shared/hook; do sleep 0.1; done; touch /shared/ended; exit 0'), {
          ...shared,
          readinessProbe: isTrapping,
        }),
      ],
    });
    const uid = pod.metadata?.uid ?? '';
    node.engine.workers.update(pod);
    await node.waitForStatus(uid, isReady, 'the pod to be ready');
    node.remove(pod, 20);
    await node.waitFor(() => node.gone.has(uid), 'the pod to be gone');
    const { containerStatuses, initContainerStatuses } = node.statusOf(uid) ?? {};
    expect(containerStatuses?.[0]?.state?.terminated?.exitCode).toBe(0);
    expect(initContainerStatuses?.[0]?.state?.terminated?.exitCode).toBe(0);
  });

  it('waits no longer for a container that its probe condemned than the deletion allows', async () => {
    const pod = node.pod('condemned', {
      terminationGracePeriodSeconds: 300,
      containers: [
        shell('main', deaf, { livenessProbe: { exec: { command: ['false'] }, periodSeconds: 1, failureThreshold: 1 } }),
      ],
    });
    const uid = pod.metadata?.uid ?? '';
    node.engine.workers.update(pod);
    await node.waitFor(
      () => node.events.some((event) => event.reason === 'Killing' && event.pod === 'condemned'),
      'the probe to fail',
    );
    node.remove(pod, 1);
    await node.waitFor(() => node.gone.has(uid), 'the pod to be gone');
    expect(node.statusOf(uid)?.containerStatuses?.[0]?.state?.terminated?.exitCode).toBe(137);
  });

  it('does not blame a post-start hook that the deletion cuts short', async () => {
    const pod = node.pod('starting', {
      terminationGracePeriodSeconds: 300,
      containers: [
        shell('main', deaf, {
          lifecycle: { postStart: { exec: { command: ['sh', '-c', 'touch /hook; sleep 300'] } } },
        }),
      ],
    });
    const uid = pod.metadata?.uid ?? '';
    node.engine.workers.update(pod);
    await node.waitFor(
      () => node.events.some((event) => event.reason === 'Started' && event.pod === 'starting'),
      'the container to start',
    );
    node.remove(pod, 1);
    await node.waitFor(() => node.gone.has(uid), 'the pod to be gone');
    expect(node.events.filter(({ reason }) => reason === 'FailedPostStartHook')).toEqual([]);
  });
});

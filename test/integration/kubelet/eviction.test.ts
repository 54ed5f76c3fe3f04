/** Evictions on the real engine: how a pod ends for the node's sake, and what is measured to choose it. */
import type { Pod, PodStatus } from '../../../api/core/v1/pod';
import { observeNode } from '../../../kubelet/eviction/observe-node';
import { measureStorage, measureUsages } from '../../../kubelet/eviction/pod-usages';
import { type NodeUnderTest, startNode } from './node-under-test';

const uidOf = ({ metadata }: Pod): string => metadata?.uid ?? '';
const shell = (script: string) => ({ name: 'app', image: 'kubelab/busybox:1', command: ['/bin/sh', '-c', script] });
const isRunning = ({ phase }: PodStatus): boolean => phase === 'Running';
const isReady = ({ conditions }: PodStatus): boolean =>
  conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;

describe('eviction', () => {
  let node: NodeUnderTest;
  beforeAll(async () => {
    node = await startNode();
  });
  afterAll(async () => {
    await node.close();
  });

  const message = 'The node was low on resource: memory. ';
  const condition = { type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet', message };
  const eviction = { reason: 'Evicted', message, condition, graceSeconds: 1 } as const;

  it('fails the pod once nothing of it runs any more, and says why', async () => {
    const pod = node.pod('evicted', {
      terminationGracePeriodSeconds: 600,
      containers: [shell('trap "" TERM; while true; do sleep 1 & wait $!; done')],
    });
    node.engine.workers.update(pod);
    await node.waitForStatus(uidOf(pod), isRunning, 'the pod to run');
    node.engine.workers.evict(uidOf(pod), eviction);
    await node.waitFor(() => node.events.some(({ reason }) => reason === 'Killing'), 'the container to be stopped');
    const before = node.statusOf(uidOf(pod));
    expect(before).toMatchObject({ phase: 'Running' });
    expect(before?.conditions?.map(({ type }) => type)).not.toContain('DisruptionTarget');
    // It still has what it holds.
    expect(node.engine.workers.active().map(uidOf)).toContain(uidOf(pod));

    const status = await node.waitForStatus(uidOf(pod), ({ phase }) => phase === 'Failed', 'the pod to fail');
    expect(status).toMatchObject({ reason: 'Evicted', message });
    expect(status.conditions).toContainEqual(expect.objectContaining(condition));
    expect(status.containerStatuses?.[0]?.state?.terminated?.exitCode).toBe(137);
    await node.waitFor(() => node.engine.workers.hasEnded(uidOf(pod)), 'the pod to end');
    expect(node.engine.workers.active().map(uidOf)).not.toContain(uidOf(pod));
  });

  it('removes the containers of pods that have ended when disk is needed, and no others', async () => {
    const ended = node.pod('ended', { restartPolicy: 'Never', containers: [shell('true')] });
    const crashing = node.pod('crashing', { containers: [shell('exit 1')] });
    for (const pod of [ended, crashing]) node.engine.workers.update(pod);
    await node.waitFor(() => node.engine.workers.hasEnded(uidOf(ended)), 'the pod to end');
    await node.waitForStatus(
      uidOf(crashing),
      ({ containerStatuses }) => containerStatuses?.[0]?.state?.waiting?.reason === 'CrashLoopBackOff',
      'the other pod to crash',
    );
    await node.engine.removeDeadContainers();
    const containersOf = ({ metadata }: Pod) =>
      node.engine.cache.status({ uid: metadata?.uid ?? '', name: '', namespace: '' }).containers;
    expect(containersOf(ended)).toEqual([]);
    expect(containersOf(crashing)).not.toEqual([]);
    expect(node.statusOf(uidOf(ended))?.phase).toBe('Succeeded');
    node.remove(crashing, 0);
    await node.waitFor(() => node.gone.has(uidOf(crashing)), 'the pod to be gone');
  });

  it('measures what a pod uses of everything that may run short', async () => {
    const written =
      'dd if=/dev/urandom of=/data/a bs=1M count=3 conv=fsync; dd if=/dev/urandom of=/b bs=1M count=2 conv=fsync; touch /data/c';
    const pod = node.pod('greedy', {
      volumes: [{ name: 'data', emptyDir: {} }],
      containers: [
        {
          ...shell(`${written}; touch /done; while true; do sleep 1 & wait $!; done`),
          volumeMounts: [{ name: 'data', mountPath: '/data' }],
          readinessProbe: { exec: { command: ['test', '-e', '/done'] }, periodSeconds: 1, failureThreshold: 30 },
        },
      ],
    });
    const starting = node.pod('starting', { containers: [shell('sleep 60')] });
    node.engine.workers.update(pod);
    await node.waitForStatus(uidOf(pod), isReady, 'everything to be written');
    const places = {
      statusOf: ({ metadata }: Pod) => node.engine.cache.status({ uid: metadata?.uid ?? '', name: '', namespace: '' }),
      podDir: (uid: string) => node.engine.volumes.podDir(uid),
    };
    const usage = async (signal: Parameters<typeof measureUsages>[2], hasDedicatedImageFs = false) => {
      const usages = await measureUsages({ ...places, hasDedicatedImageFs }, [pod, starting], signal);
      expect([...usages.keys()]).toEqual([uidOf(pod)]);
      return usages.get(uidOf(pod));
    };
    const mib = 2 ** 20;
    const memory = await usage('memory.available');
    expect(memory?.amount).toBeGreaterThan(0);
    expect(memory?.containers.map(({ name }) => name).sort()).toEqual(['POD', 'app']);
    // The shell, its sleep, and the sandbox.
    expect((await usage('pid.available'))?.amount).toBeGreaterThanOrEqual(2);
    const disk = await usage('nodefs.available');
    expect(disk?.amount).toBeGreaterThanOrEqual(5 * mib);
    expect(disk?.containers).toHaveLength(1);
    expect(disk?.containers[0]?.amount).toBeLessThan(3 * mib);
    expect((await usage('nodefs.inodesFree'))?.amount).toBeGreaterThanOrEqual(4);
    const volumes = (await usage('nodefs.available', true))?.amount ?? 0;
    const layers = (await usage('imagefs.available', true))?.amount ?? 0;
    expect(volumes).toBeGreaterThanOrEqual(3 * mib);
    expect(layers).toBeGreaterThanOrEqual(2 * mib);
    expect(volumes + layers).toBeLessThan(6 * mib);
    const storage = await measureStorage(places, pod);
    expect(storage.volumes.get('data')).toBeGreaterThanOrEqual(3 * mib);
    expect(storage.containers.get('app')).toBeGreaterThanOrEqual(2 * mib);
    expect(storage.total).toBe((storage.volumes.get('data') ?? 0) + (storage.containers.get('app') ?? 0));
  });

  it('sees what the node has left', async () => {
    const observations = await observeNode({ nodeFs: node.rootDir, imageFs: '/no/such/folder' });
    const names = [...observations.keys()];
    expect(names).toEqual(expect.arrayContaining(['memory.available', 'nodefs.available', 'pid.available']));
    expect(names.filter((name) => name.startsWith('imagefs'))).toEqual([]);
    for (const { available, capacity } of observations.values()) {
      expect(available).toBeGreaterThan(0);
      expect(available).toBeLessThanOrEqual(capacity);
    }
  });
});

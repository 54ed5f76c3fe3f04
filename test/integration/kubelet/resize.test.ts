/** Resizes on the real engine, across restarts of the kubelet. */
import type { Pod, PodStatus } from '../../../api/core/v1/pod';
import { type NodeUnderTest, startNode } from './node-under-test';

const command = ['/bin/sh', '-c', 'trap "exit 0" TERM; while true; do sleep 1 & wait $!; done'];
const small = { requests: { cpu: '1', memory: '32Mi' }, limits: { cpu: '2', memory: '64Mi' } };
const statusOf = (status: PodStatus) => status.containerStatuses?.[0];
const isRunning = (status: PodStatus): boolean => statusOf(status)?.state?.running !== undefined;
const conditionOf = (status: PodStatus, wanted: string) => status.conditions?.find(({ type }) => type === wanted);

let node: NodeUnderTest;
beforeEach(async () => {
  node = await startNode();
});
afterEach(async () => {
  await node.close();
});

async function start(name: string, resources: object): Promise<{ pod: Pod; uid: string; id: string }> {
  const pod = node.pod(name, { containers: [{ name: 'main', image: 'kubelab/busybox:1', command, resources }] });
  const uid = pod.metadata?.uid ?? '';
  node.engine.workers.update(pod);
  const status = await node.waitForStatus(uid, isRunning, `${name} to run`);
  return { pod, uid, id: statusOf(status)?.containerID?.replace('docker://', '') ?? '' };
}

const eventsOf = (name: string): string[] =>
  node.events.filter(({ pod, reason }) => pod === name && reason.startsWith('Resize')).map(({ reason }) => reason);

it('waits for room also in the next kubelet, which knows what the pod has', async () => {
  const other = await start('other', { requests: { cpu: '2' } });
  const { pod, uid, id } = await start('waits', small);
  node.resize(pod, { ...small, requests: { cpu: '2500m', memory: '32Mi' }, limits: { cpu: '3', memory: '64Mi' } });
  const isDeferred = (status: PodStatus) => conditionOf(status, 'PodResizePending')?.reason === 'Deferred';
  const deferred = await node.waitForStatus(uid, isDeferred, 'the deferral');
  expect(statusOf(deferred)).toMatchObject({ resources: small, allocatedResources: small.requests });

  await node.restart();
  await node.engine.workers.idle();
  expect(node.statusOf(uid)).toEqual(deferred);
  expect(eventsOf('waits')).toEqual(['ResizeDeferred']);

  node.remove(other.pod, 1);
  const granted = (status: PodStatus) =>
    statusOf(status)?.allocatedResources?.['cpu'] === '2500m' && !conditionOf(status, 'PodResizeInProgress');
  expect(statusOf(await node.waitForStatus(uid, granted, 'the resize'))).toMatchObject({
    containerID: `docker://${id}`,
    resources: { requests: { cpu: '2500m' }, limits: { cpu: '3' } },
  });
  expect((await node.runtime.inspectContainer(id))?.resources).toEqual({
    cpuShares: 2560,
    cpuQuotaUs: 300_000,
    memoryBytes: 64 * 1024 ** 2,
  });
  expect(eventsOf('waits')).toEqual(['ResizeDeferred', 'ResizeStarted', 'ResizeCompleted']);
});

it('goes on with what an engine refused, and ends well when the wish is taken back', async () => {
  const { pod, uid, id } = await start('stuck', small);
  // Less than the engine allows.
  node.resize(pod, { requests: { cpu: '1', memory: '1Mi' }, limits: { cpu: '2', memory: '1Mi' } });
  const isStuck = (status: PodStatus) => conditionOf(status, 'PodResizeInProgress')?.reason === 'Error';
  const stuck = await node.waitForStatus(uid, isStuck, 'the error');
  expect(statusOf(stuck)).toMatchObject({
    resources: small,
    allocatedResources: { cpu: '1', memory: '1Mi' },
  });
  await node.restart();
  await node.engine.workers.idle();
  expect(statusOf(node.statusOf(uid) as PodStatus)).toEqual(statusOf(stuck));
  node.resize(pod, small);
  const isOver = (status: PodStatus) => !conditionOf(status, 'PodResizeInProgress');
  const over = await node.waitForStatus(uid, isOver, 'the end of the resize');
  expect(statusOf(over)).toMatchObject({ containerID: `docker://${id}`, resources: small, restartCount: 0 });
});

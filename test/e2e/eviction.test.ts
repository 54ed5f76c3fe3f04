/** A node that runs short of memory, by a threshold that no machine can satisfy. */
import { pod, shell } from '../support/pod-manifests';
import { startCluster, type TestCluster } from '../support/test-cluster';
import { until } from '../support/until';

let cluster: TestCluster;
const kubectl = async (...args: string[]): Promise<string> => (await cluster.kubectl(args)).stdout;
const statusOf = async (name: string): Promise<Record<string, any>> =>
  (JSON.parse(await kubectl('get', 'pod', name, '-o', 'json')) as Record<string, any>)['status'];
const pressure = (): Promise<string> =>
  kubectl('get', 'node', 'eviction-1', '-o', 'jsonpath={.status.conditions[?(@.type=="MemoryPressure")].status}');
const create = (name: string, spec: Record<string, unknown> = {}): Promise<unknown> =>
  cluster.kubectl(['create', '-f', '-'], {
    input: JSON.stringify(pod(name, { containers: [shell('main', 'sleep 1000')], ...spec })),
  });

beforeAll(async () => {
  cluster = await startCluster('eviction');
}, 180_000);

afterAll(() => cluster?.remove(), 120_000);

it('ends a pod that takes more of the disk than it may', async () => {
  await create('overfull', {
    volumes: [{ name: 'data', emptyDir: { sizeLimit: '1Mi' } }],
    containers: [
      shell('main', 'dd if=/dev/zero of=/data/file bs=1M count=3 conv=fsync; sleep 1000', {
        volumeMounts: [{ name: 'data', mountPath: '/data' }],
      }),
    ],
  });
  const status = await until('the pod is evicted', async () => {
    const found = await statusOf('overfull');
    return found['phase'] === 'Failed' && found;
  });
  expect(status).toMatchObject({
    reason: 'Evicted',
    message: 'Usage of EmptyDir volume "data" exceeds the limit "1Mi". ',
  });
}, 60_000);

it('ends the pods that it may end, takes no more, and recovers', async () => {
  await create('ordinary');
  await create('critical', { priorityClassName: 'system-node-critical' });
  await kubectl('wait', '--for=condition=Ready', 'pod/ordinary', 'pod/critical', '--timeout=60s');

  await cluster.up('--extra-config', 'kubelet.eviction-hard=memory.available<99%');
  const status = await until('the pod is evicted', async () => {
    const found = await statusOf('ordinary');
    return found['phase'] === 'Failed' && found;
  });
  expect(status).toMatchObject({
    reason: 'Evicted',
    message: expect.stringMatching(/^The node was low on resource: memory\. Threshold quantity: .*, available: .*\. /),
  });
  expect(status['conditions']).toContainEqual(
    expect.objectContaining({ type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet' }),
  );
  await until('the node tells of it', async () => (await pressure()) === 'True');
  for (const event of [
    'EvictionThresholdMet Attempting to reclaim memory',
    'NodeHasInsufficientMemory Node eviction-1 status is now: NodeHasInsufficientMemory',
    'Evicted The node was low on resource: memory.',
  ]) {
    const columns = 'jsonpath={range .items[*]}{.reason} {.message}{"\\n"}{end}';
    await until(event, async () => (await kubectl('get', 'events', '-o', columns)).includes(event));
  }

  // The scheduler knows of the pressure soon; a pod that asks for the node by name is refused by the node itself.
  await create('late', { nodeName: 'eviction-1' });
  const refused = await until('the pod is refused', async () => {
    const found = await statusOf('late');
    return found['phase'] === 'Failed' && found;
  });
  expect(refused).toMatchObject({
    reason: 'Evicted',
    message: 'Pod was rejected: The node had condition: [MemoryPressure]. ',
  });
  expect((await statusOf('critical'))['phase']).toBe('Running');

  await cluster.up('--extra-config', 'kubelet.eviction-hard=');
  await until('the pressure is gone', async () => (await pressure()) === 'False');
  await create('after');
  await kubectl('wait', '--for=condition=Ready', 'pod/after', '--timeout=60s');
}, 180_000);

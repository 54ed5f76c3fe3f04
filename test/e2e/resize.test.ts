/** Resources of running pods, changed in place: what `kubectl patch --subresource resize` does. */
import { pod, shell } from '../support/pod-manifests';
import { useNamespace } from '../support/shared-cluster';
import { until } from '../support/until';

const ns = useNamespace('resize');
const { kubectl } = ns;

interface Resources {
  requests?: Record<string, string>;
  limits?: Record<string, string>;
}

const podOf = async (name: string): Promise<Record<string, any>> =>
  JSON.parse(await kubectl('get', 'pod', name, '-o', 'json')) as Record<string, any>;
const patch = (name: string, resources: Resources): Promise<string> => {
  const change = { spec: { containers: [{ name: 'main', resources }] } };
  return kubectl('patch', 'pod', name, '--subresource', 'resize', '--patch', JSON.stringify(change));
};
const conditionOf = ({ status }: Record<string, any>, type: string): Record<string, any> | undefined =>
  status.conditions.find((condition: Record<string, any>) => condition['type'] === type);

/** The kubelet has seen the change and nothing of it is left to do. */
const settled = (name: string): Promise<Record<string, any>> =>
  until('the resize is over', async () => {
    const found = await podOf(name);
    const done = found['status'].observedGeneration === found['metadata'].generation;
    const resizing = ['PodResizePending', 'PodResizeInProgress'].some((type) => conditionOf(found, type));
    return done && !resizing && found;
  });

const read = (name: string, v1: string, v2: string): Promise<string> =>
  kubectl('exec', name, '--', 'sh', '-c', `cat /sys/fs/cgroup/${v1} 2>/dev/null || cat /sys/fs/cgroup/${v2}`);
const memoryLimit = async (name: string): Promise<number> =>
  Number(await read(name, 'memory/memory.limit_in_bytes', 'memory.max'));
/** Microseconds of each 100 ms. */
const cpuQuota = async (name: string): Promise<number> =>
  Number((await read(name, 'cpu/cpu.cfs_quota_us', 'cpu.max')).split(' ')[0]);

const start = async (name: string, resources: Resources, more: Record<string, unknown> = {}, spec = {}) => {
  await ns.apply(pod(name, { ...spec, containers: [shell('main', 'sleep 1000', { resources, ...more })] }));
  await kubectl('wait', '--for=condition=Ready', `pod/${name}`, '--timeout=60s');
};
const small: Resources = { requests: { cpu: '100m', memory: '32Mi' }, limits: { cpu: '200m', memory: '64Mi' } };

it('gives a running container other cpu and memory without a restart', async () => {
  await start('grows', small);
  const { containerID } = (await podOf('grows'))['status'].containerStatuses[0];
  await expect(
    kubectl(
      'patch',
      'pod',
      'grows',
      '-p',
      '{"spec":{"containers":[{"name":"main","resources":{"limits":{"cpu":"1"}}}]}}',
    ),
  ).rejects.toThrow('pod updates may not change fields other than');

  const larger = { requests: { cpu: '300m', memory: '48Mi' }, limits: { cpu: '500m', memory: '128Mi' } };
  await patch('grows', larger);
  const { status } = await settled('grows');
  expect(status.containerStatuses[0]).toMatchObject({
    containerID,
    restartCount: 0,
    resources: larger,
    allocatedResources: larger.requests,
  });
  expect([await cpuQuota('grows'), await memoryLimit('grows')]).toEqual([50_000, 128 * 1024 ** 2]);

  await patch('grows', small);
  expect((await settled('grows'))['status'].containerStatuses[0]).toMatchObject({ containerID, resources: small });
  expect([await cpuQuota('grows'), await memoryLimit('grows')]).toEqual([20_000, 64 * 1024 ** 2]);
  const story = /ResizeStarted[^\n]*Pod resize started: \{"containers":\[\{"name":"main"[\s\S]*ResizeCompleted/;
  // Events are sent in the background.
  await until('both events', async () =>
    story.test(await kubectl('get', 'events', '--field-selector', 'involvedObject.name=grows')),
  );
});

it('restarts the container where its policy says so', async () => {
  await start('restarts', small, { resizePolicy: [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }] });
  await patch('restarts', { limits: { cpu: '300m' } });
  expect((await settled('restarts'))['status'].containerStatuses[0].restartCount).toBe(0);
  await patch('restarts', { limits: { memory: '96Mi' } });
  await until('the restart', async () => (await podOf('restarts'))['status'].containerStatuses[0].restartCount === 1);
  await kubectl('wait', '--for=condition=Ready', 'pod/restarts', '--timeout=60s');
  expect((await settled('restarts'))['status'].containerStatuses[0].resources.limits.memory).toBe('96Mi');
  expect(await memoryLimit('restarts')).toBe(96 * 1024 ** 2);
  await ns.untilDescribed('restarts', /Container main resize requires restart/);
});

it('takes no memory that is in use, and says so until the wish is taken back', async () => {
  await start('clings', small, { command: ['sh', '-c', 'dd if=/dev/zero of=/tmp/x bs=1M count=40; sleep 1000'] });
  await until('memory in use', async () => {
    const used = Number(await read('clings', 'memory/memory.usage_in_bytes', 'memory.current'));
    return used > 40 * 1024 ** 2;
  });
  await patch('clings', { limits: { memory: '32Mi' } });
  await until('the error', async () => {
    const found = conditionOf(await podOf('clings'), 'PodResizeInProgress');
    return (
      found?.['reason'] === 'Error' &&
      /^cannot decrease memory limits: attempting to set container "main" memory limit \(33554432\) below current usage/.test(
        found['message'] as string,
      )
    );
  });
  expect((await podOf('clings'))['status'].containerStatuses[0]).toMatchObject({
    restartCount: 0,
    resources: { limits: { memory: '64Mi' } },
  });
  await patch('clings', { limits: { memory: '64Mi' } });
  expect((await settled('clings'))['status'].containerStatuses[0].restartCount).toBe(0);
});

it('waits for room, and refuses what no room can be enough for', async () => {
  await start('waits', small);
  const nodeName = (await podOf('waits'))['spec'].nodeName as string;
  const cores = Number(await kubectl('get', 'node', nodeName, '-o', 'jsonpath={.status.allocatable.cpu}'));
  await expect(patch('waits', { requests: { cpu: '999' }, limits: { cpu: '999' } })).rejects.toThrow(
    `node didn't have enough allocatable resources: cpu, requested: 999000, allocatable: ${cores * 1000}`,
  );

  await start('fills', { requests: { cpu: `${cores - 1}` } }, {}, { nodeName });
  await patch('waits', { requests: { cpu: '1100m' }, limits: { cpu: '2' } });
  await until('the deferral', async () => {
    const found = conditionOf(await podOf('waits'), 'PodResizePending');
    return found?.['reason'] === 'Deferred' && /Node didn't have enough resource: cpu/.test(found['message'] as string);
  });
  expect((await podOf('waits'))['status'].containerStatuses[0].resources).toEqual(small);
  await kubectl('delete', 'pod', 'fills');
  expect((await settled('waits'))['status'].containerStatuses[0].allocatedResources.cpu).toBe('1100m');
  expect(await cpuQuota('waits')).toBe(200_000);
  await kubectl('delete', 'pod', 'waits');
});

it('makes room for a pod that waits for it', async () => {
  await start('gives', { requests: { cpu: '100m' } });
  const nodeName = (await podOf('gives'))['spec'].nodeName as string;
  const cores = Number(await kubectl('get', 'node', nodeName, '-o', 'jsonpath={.status.allocatable.cpu}'));
  await patch('gives', { requests: { cpu: `${cores - 1}` } });
  await settled('gives');
  const nodeSelector = { 'kubernetes.io/hostname': nodeName };
  const resources = { requests: { cpu: '1100m' } };
  await ns.apply(pod('takes', { nodeSelector, containers: [shell('main', 'sleep 1000', { resources })] }));
  await kubectl('wait', '--for=jsonpath={.status.conditions[0].reason}=Unschedulable', 'pod/takes', '--timeout=60s');
  await patch('gives', { requests: { cpu: '100m' } });
  await kubectl('wait', '--for=condition=Ready', 'pod/takes', '--timeout=60s');
});

/** Any process may be killed at any moment: the cluster goes on, containers stay, acknowledged writes are there. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../component-base/run-command';
import { pod, shell } from '../support/pod-manifests';
import { startCluster, type TestCluster } from '../support/test-cluster';
import { until } from '../support/until';

let cluster: TestCluster;
const kubectl = async (...args: string[]): Promise<string> => (await cluster.kubectl(args)).stdout;

/** Kills a supervised process with SIGKILL and gives its pid. */
async function kill(process_: string): Promise<number> {
  const { pid } = JSON.parse(await readFile(join(cluster.layout.run, process_), 'utf8')) as { pid: number };
  process.kill(pid, 'SIGKILL');
  return pid;
}

/** Id and start time of every container of the cluster's pods in the default namespace. */
async function containers(): Promise<string[]> {
  const { id } = await cluster.facts();
  const { stdout } = await run('docker', [
    'ps',
    '--no-trunc',
    '--filter',
    `label=kubelab.io/cluster=${id}`,
    '--filter',
    'label=io.kubernetes.pod.namespace=default',
    '--format',
    '{{.ID}} {{.CreatedAt}}',
  ]);
  return stdout.trim().split('\n').sort();
}

beforeAll(async () => {
  cluster = await startCluster('recovery');
  await kubectl('create', 'deployment', 'steady', '--image=kubelab/demo:v1', '--replicas=3');
  await kubectl('rollout', 'status', 'deployment/steady', '--timeout=60s');
}, 180_000);

afterAll(() => cluster?.remove(), 120_000);

describe('SIGKILL', () => {
  it.each([
    'kube-scheduler.pid',
    'kube-controller-manager.pid',
    'kubelet-recovery-1.pid',
    'kube-proxy.pid',
    'kube-apiserver.pid',
    'etcd.pid',
  ])(
    'of %s in the middle of a rollout does not stop the rollout nor touch other containers',
    async (victim) => {
      const before = await containers();
      const name = `rolling-${victim.replace('.pid', '')}`;
      await kubectl('create', 'deployment', name, '--image=kubelab/demo:v1', '--replicas=4');
      await kubectl('set', 'image', `deployment/${name}`, 'demo=kubelab/demo:v2');
      await kill(victim);
      await until(
        'the rollout to finish',
        async () => {
          const result = await cluster.kubectl(['rollout', 'status', `deployment/${name}`, '--timeout=60s'], {
            allowFailure: true,
          });
          return result.code === 0;
        },
        { timeoutMs: 90_000 },
      );
      expect(await containers()).toEqual(expect.arrayContaining(before));
      await kubectl('delete', 'deployment', name, '--wait=false');
      await kubectl('wait', '--for=delete', 'pods', '-l', `app=${name}`, '--timeout=60s');
    },
    180_000,
  );

  it('of the kubelet changes nothing about its containers: same ids, no restarts, always ready', async () => {
    const applyPod = (manifest: object) => cluster.kubectl(['apply', '-f', '-'], { input: JSON.stringify(manifest) });
    const isReady = (name: string) => kubectl('wait', '--for=condition=Ready', `pod/${name}`, '--timeout=60s');
    const statusOf = async (name: string): Promise<Record<string, unknown>> =>
      JSON.parse(await kubectl('get', 'pod', name, '-o', 'jsonpath={.status}')) as Record<string, unknown>;
    const probed = {
      readinessProbe: { exec: { command: ['test', '-e', '/tmp/ok'] }, periodSeconds: 1, timeoutSeconds: 20 },
      livenessProbe: { exec: { command: ['true'] }, periodSeconds: 1, timeoutSeconds: 20 },
    };
    await applyPod(pod('kept', { containers: [shell('main', 'touch /tmp/ok; sleep 3600', probed)] }));
    await isReady('kept');
    const before = await statusOf('kept');
    await kill('kubelet-recovery-1.pid');
    // It works again once it runs something new.
    await applyPod(pod('after', { containers: [shell('main', 'sleep 3600')] }));
    await isReady('after');
    const after = await statusOf('kept');
    expect(after['containerStatuses']).toEqual(before['containerStatuses']);
    expect(after['conditions']).toEqual(before['conditions']);
    await kubectl('delete', 'pod', 'kept', 'after');
  }, 120_000);

  it('of etcd loses no acknowledged write', async () => {
    const acknowledged: string[] = [];
    let killed: Promise<number> | undefined;
    for (let i = 0; i < 60; i++) {
      const result = await cluster.kubectl(['create', 'configmap', `write-${i}`], { allowFailure: true });
      if (result.code === 0) acknowledged.push(`configmap/write-${i}`);
      if (i === 20) killed = kill('etcd.pid');
      if (acknowledged.length >= 30) break;
    }
    await killed;
    await until(
      'the API server',
      async () => (await cluster.kubectl(['get', '--raw', '/readyz'], { allowFailure: true })).code === 0,
    );
    const stored = (await kubectl('get', 'configmaps', '-o', 'name')).split('\n');
    expect(stored).toEqual(expect.arrayContaining(acknowledged));
  }, 180_000);

  it('of the supervisor leaves everything running, and up takes it over', async () => {
    const before = await containers();
    const etcd = await readFile(join(cluster.layout.run, 'etcd.pid'), 'utf8');
    await kill('supervisor.lock');
    expect(await kubectl('get', 'deployment', 'steady', '-o', 'name')).toBe('deployment.apps/steady\n');
    await cluster.up();
    expect(await readFile(join(cluster.layout.run, 'etcd.pid'), 'utf8')).toBe(etcd);
    expect(await containers()).toEqual(before);
    await kill('kube-scheduler.pid');
    await kubectl('create', 'deployment', 'later', '--image=kubelab/demo:v1');
    await kubectl('rollout', 'status', 'deployment/later', '--timeout=60s');
  }, 180_000);
});

describe('up after another build', () => {
  it('puts its programs in the place of those that run; containers run on', async () => {
    const before = await containers();
    const ours = ['kube-scheduler.pid', 'kubelet-recovery-1.pid'];
    const recordOf = async (name: string): Promise<object> =>
      JSON.parse(await readFile(join(cluster.layout.run, name), 'utf8')) as object;
    const etcd = await recordOf('etcd.pid');
    const old: Record<string, object> = {};
    // As an older build would have left them.
    for (const name of ['supervisor.lock', ...ours]) {
      old[name] = { ...(await recordOf(name)), build: 'older', specHash: 'older' };
      await writeFile(join(cluster.layout.run, name), JSON.stringify(old[name]));
    }
    await cluster.up();
    for (const [name, record] of Object.entries(old)) {
      expect(await recordOf(name)).not.toMatchObject({ pid: (record as { pid: number }).pid });
    }
    expect(await recordOf('etcd.pid')).toEqual(etcd);
    expect(await containers()).toEqual(before);
  }, 180_000);
});

describe('down and up', () => {
  it('leaves nothing behind on the host, and brings the same objects back', async () => {
    const uid = await kubectl('get', 'deployment', 'steady', '-o', 'jsonpath={.metadata.uid}');
    const { id } = await cluster.facts();
    await cluster.down();
    const left = await run('docker', ['ps', '-aq', '--filter', `label=kubelab.io/cluster=${id}`]);
    expect(left.stdout).toBe('');
    expect((await run('iptables-save', [])).stdout).not.toContain(id.toUpperCase());
    await cluster.up();
    await kubectl('rollout', 'status', 'deployment/steady', '--timeout=90s');
    expect(await kubectl('get', 'deployment', 'steady', '-o', 'jsonpath={.metadata.uid}')).toBe(uid);
  }, 240_000);
});

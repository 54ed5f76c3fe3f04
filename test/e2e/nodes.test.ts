/** Nodes come, are cordoned, drained and tainted, fail, and go. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { itSince } from '../support/kubectl-features';
import { startCluster, type TestCluster } from '../support/test-cluster';
import { until } from '../support/until';

let cluster: TestCluster;
const kubectl = async (...args: string[]): Promise<string> => (await cluster.kubectl(args)).stdout;
const nodesOf = async (label: string): Promise<string[]> =>
  (await kubectl('get', 'pods', '-l', label, '-o', 'jsonpath={.items[*].spec.nodeName}')).split(' ').filter(Boolean);

beforeAll(async () => {
  cluster = await startCluster('nodes', '--nodes', '3');
}, 180_000);

afterAll(() => cluster?.remove(), 120_000);

describe('several nodes on one machine', () => {
  it('spreads pods over them', async () => {
    await kubectl('create', 'deployment', 'web', '--image=kubelab/demo:v1', '--replicas=6');
    await kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
    const counts = new Map<string, number>();
    for (const node of await nodesOf('app=web')) counts.set(node, (counts.get(node) ?? 0) + 1);
    expect([...counts.values()]).toEqual([2, 2, 2]);
  });

  it('cordons, drains and uncordons', async () => {
    await kubectl('cordon', 'nodes-3');
    expect(await kubectl('get', 'node', 'nodes-3')).toMatch(/Ready,SchedulingDisabled/);
    await kubectl('drain', 'nodes-3', '--ignore-daemonsets', '--timeout=60s');
    await kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
    expect(await nodesOf('app=web')).not.toContain('nodes-3');
    await until('the kubelet to tell of it', async () =>
      (await kubectl('get', 'events', '--field-selector=involvedObject.name=nodes-3')).includes('NodeNotSchedulable'),
    );
    await kubectl('uncordon', 'nodes-3');
  });

  itSince(21, 'drain by policy/v1')('drains no further than a disruption budget allows', async () => {
    // Not by `kubectl create`: before 1.21 that asks for policy/v1beta1.
    const budget = { minAvailable: 6, selector: { matchLabels: { app: 'web' } } };
    const manifest = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'web' }, spec: budget };
    await cluster.kubectl(['create', '-f', '-'], { input: JSON.stringify(manifest) });
    await until(
      'the budget to be counted',
      async () => (await kubectl('get', 'pdb', 'web', '-o', 'jsonpath={.status.currentHealthy}')) === '6',
    );
    const result = await cluster.kubectl(['drain', 'nodes-2', '--ignore-daemonsets', '--timeout=3s'], {
      allowFailure: true,
    });
    expect(result.code).not.toBe(0);
    expect(result.stderr).toContain("Cannot evict pod as it would violate the pod's disruption budget.");
    await kubectl('delete', 'pdb', 'web');
    await kubectl('uncordon', 'nodes-2');
  });

  it('keeps pods off a tainted node and says why', async () => {
    for (const node of ['nodes-1', 'nodes-2', 'nodes-3'])
      await kubectl('taint', 'node', node, 'dedicated=db:NoSchedule');
    const scheduled = 'jsonpath={.status.conditions[?(@.type=="PodScheduled")].status}';
    await until('the scheduler to know the taints', async () => {
      await kubectl('run', 'intolerant', '--image=kubelab/demo:v1');
      const verdict = await until('its verdict', () =>
        kubectl('get', 'pod', 'intolerant', '-o', scheduled).then((v) => v || undefined),
      );
      if (verdict === 'False') return true;
      await kubectl('delete', 'pod', 'intolerant');
      return false;
    });
    await until('FailedScheduling', async () =>
      (await kubectl('describe', 'pod', 'intolerant')).includes(
        '0/3 nodes are available: 3 node(s) had untolerated taint(s)',
      ),
    );
    for (const node of ['nodes-1', 'nodes-2', 'nodes-3']) await kubectl('taint', 'node', node, 'dedicated-');
    await kubectl('wait', '--for=condition=Ready', 'pod/intolerant', '--timeout=60s');
  });

  it('adds a node to the running cluster and removes it again', async () => {
    await cluster.up('--nodes', '4');
    await kubectl('wait', '--for=condition=Ready', 'node/nodes-4', '--timeout=60s');
    await kubectl('create', 'deployment', 'wide', '--image=kubelab/demo:v1', '--replicas=8');
    await kubectl('rollout', 'status', 'deployment/wide', '--timeout=60s');
    expect(await nodesOf('app=wide')).toContain('nodes-4');
    await cluster.up('--nodes', '3');
    expect(await kubectl('get', 'nodes', '-o', 'name')).toBe('node/nodes-1\nnode/nodes-2\nnode/nodes-3\n');
    await kubectl('rollout', 'status', 'deployment/wide', '--timeout=60s');
    await kubectl('delete', 'deployment', 'wide');
  }, 240_000);

  it('marks a node whose kubelet stopped, and moves pods that tolerate it for 5 seconds', async () => {
    const tolerate = ['unreachable', 'not-ready'].map((condition) => ({
      key: `node.kubernetes.io/${condition}`,
      operator: 'Exists',
      effect: 'NoExecute',
      tolerationSeconds: 5,
    }));
    const patch = { spec: { template: { spec: { tolerations: tolerate } } } };
    await kubectl('patch', 'deployment', 'web', '-p', JSON.stringify(patch));
    await kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
    const { pid } = JSON.parse(await readFile(join(cluster.layout.run, 'kubelet-nodes-2.pid'), 'utf8')) as {
      pid: number;
    };
    process.kill(pid, 'SIGSTOP');
    try {
      await kubectl('wait', '--for=condition=Ready=Unknown', 'node/nodes-2', '--timeout=100s');
      expect(await kubectl('get', 'node', 'nodes-2')).toMatch(/NotReady/);
      await until('six ready pods elsewhere', async () => {
        const text = await kubectl(
          'get',
          'pods',
          '-l',
          'app=web',
          '-o',
          'jsonpath={range .items[*]}{.spec.nodeName}={.status.conditions[?(@.type=="Ready")].status} {end}',
        );
        return text.split(' ').filter((entry) => entry.endsWith('=True') && !entry.startsWith('nodes-2=')).length === 6;
      });
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await kubectl('wait', '--for=condition=Ready', 'node/nodes-2', '--timeout=60s');
    await until('the old pods to be gone', async () => (await nodesOf('app=web')).length === 6);
  }, 240_000);

  it('removes a node of a cluster that was stopped', async () => {
    await cluster.down();
    await cluster.up('--nodes', '2');
    expect(await kubectl('get', 'nodes', '-o', 'name')).toBe('node/nodes-1\nnode/nodes-2\n');
  }, 120_000);
});

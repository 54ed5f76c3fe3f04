/** Two hosts, each with its own engine: join, traffic across them, the far node's streams, leave. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../support/commands';
import { startCluster, type TestCluster } from '../support/test-cluster';
import { firstHostAddress, startHost, type TestHost } from '../support/test-host';
import { ensureTestImages } from '../support/test-images';
import { until } from '../support/until';

let cluster: TestCluster;
let far: TestHost;
let joinCommand = '';
const kubectl = async (...args: string[]): Promise<string> => (await cluster.kubectl(args)).stdout;
const onFarHost = (...args: string[]): Promise<unknown> =>
  far.run(process.execPath, [join(projectRoot, 'dist/deploy/main.js'), ...args], { timeoutMs: 120_000 });

const nodeServer = `const http = require('http');
  http.createServer((request, response) => response.end(request.socket.remoteAddress)).listen(8080);`;

const pinned = (name: string, node: string, spec: object): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: name } },
    spec: { nodeName: node, ...spec },
  });

beforeAll(async () => {
  far = await startHost('klfar', 2);
  await ensureTestImages(far.engine);
  cluster = await startCluster('hosts', '--advertise-address', firstHostAddress);
  const { stdout } = await cluster.up('--advertise-address', firstHostAddress);
  joinCommand = /npm run join -- (\S+)/.exec(stdout)?.[1] ?? '';
  await onFarHost('join', joinCommand, '--node-name', 'far', '--advertise-address', far.address);
  for (const [name, node] of [
    ['near', 'hosts-1'],
    ['far', 'far'],
  ] as const) {
    await cluster.kubectl(['apply', '-f', '-'], {
      input: pinned(name, node, {
        containers: [
          { name: 'server', image: 'kubelab/node:1', args: ['-e', nodeServer] },
          { name: 'tools', image: 'kubelab/tools:1', command: ['sleep', '3600'] },
        ],
      }),
    });
  }
  await kubectl('wait', '--for=condition=Ready', 'pod/near', 'pod/far', '--timeout=90s');
}, 240_000);

afterAll(async () => {
  await onFarHost('leave').catch(() => {});
  await cluster?.remove();
  await far?.remove();
  await rm('/tmp/kubelab-far', { recursive: true, force: true });
}, 180_000);

describe('two hosts', () => {
  it('lists both nodes as Ready', async () => {
    expect(await kubectl('get', 'nodes', '--no-headers')).toMatch(/^far\s+Ready[\s\S]*^hosts-1\s+Ready/m);
  });

  it.each([
    ['near', 'far'],
    ['far', 'near'],
  ])('lets a pod on the %s host reach one on the %s host by its own address', async (from, to) => {
    const address = await kubectl('get', 'pod', to, '-o', 'jsonpath={.status.podIP}');
    const own = await kubectl('get', 'pod', from, '-o', 'jsonpath={.status.podIP}');
    // The far kubelet serves once its certificate is signed, a moment after its node is Ready.
    const seen = await until('the answer', () =>
      kubectl('exec', from, '-c', 'tools', '--', 'wget', '-qO-', `http://${address}:8080/`),
    );
    expect(seen.replace('::ffff:', '')).toBe(own);
  });

  it('carries Services and DNS across', async () => {
    await kubectl('expose', 'pod', 'near', '--port=80', '--target-port=8080');
    await until('the service by name', () =>
      cluster.kubectl(['exec', 'far', '-c', 'tools', '--', 'wget', '-qO-', 'http://near/']),
    );
  });

  it('execs and reads logs on the far node', async () => {
    expect(await kubectl('exec', 'far', '-c', 'tools', '--', 'echo', 'from afar')).toBe('from afar\n');
    await cluster.kubectl(['apply', '-f', '-'], {
      input: pinned('speaker', 'far', {
        containers: [{ name: 'main', image: 'kubelab/tools:1', command: ['sh', '-c', 'echo spoken; sleep 3600'] }],
      }),
    });
    await kubectl('wait', '--for=condition=Ready', 'pod/speaker', '--timeout=60s');
    expect(await until('the log', async () => (await kubectl('logs', 'speaker')) || undefined)).toBe('spoken\n');
  });

  it('leaves', async () => {
    await onFarHost('leave');
    await until(
      'only the first node',
      async () => {
        const { stdout } = await cluster.kubectl([
          'get',
          'nodes',
          '-o',
          'jsonpath={.items[?(@.status.conditions[-1].status=="True")].metadata.name}',
        ]);
        return !stdout.includes('far');
      },
      { timeoutMs: 100_000 },
    );
  }, 180_000);
});

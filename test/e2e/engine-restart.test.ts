/** The Docker Engine goes away and comes back: the same pods are Ready again, one restart later. */
import { join } from 'node:path';
import { projectRoot } from '../support/commands';
import { explainFailure } from '../support/explain-failure';
import { startHost, type TestHost } from '../support/test-host';
import { ensureTestImages } from '../support/test-images';
import { until } from '../support/until';

let host: TestHost;
const deploy = (...args: string[]): Promise<unknown> =>
  host.run(process.execPath, [join(projectRoot, 'dist/deploy/main.js'), ...args, '--name', 'engine'], {
    timeoutMs: 180_000,
    env: { ...host.env, KUBECONFIG: join(host.home, 'kubeconfig') },
  });
const kubectl = async (...args: string[]): Promise<string> =>
  (await host.run('kubectl', ['--kubeconfig', join(host.home, 'kubeconfig'), ...args])).stdout;

interface PodView {
  uid: string;
  ready: boolean;
  restarts: number;
}

async function podViews(): Promise<Record<string, PodView>> {
  const { items } = JSON.parse(await kubectl('get', 'pods', '-l', 'app=web', '-o', 'json')) as { items: any[] };
  const views = items.map(({ metadata, status }): [string, PodView] => [
    metadata.name,
    {
      uid: metadata.uid,
      ready: status.containerStatuses?.[0]?.ready ?? false,
      restarts: status.containerStatuses?.[0]?.restartCount ?? 0,
    },
  ]);
  return Object.fromEntries(views);
}

beforeAll(async () => {
  host = await startHost('klengine', 3);
  await ensureTestImages(host.engine);
  await deploy('up', '--demo=false');
  await kubectl('create', 'deployment', 'web', '--image=kubelab/demo:v1', '--replicas=3');
  await kubectl('expose', 'deployment', 'web', '--type=NodePort', '--port=80', '--target-port=8080');
  await kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
}, 240_000);

/** What shows why: the pods, what the engine runs, and the last words of the engine and of the components. */
afterEach(async () => {
  if (!explainFailure.currentTestFailed()) return;
  const pods = await kubectl('get', 'pods', '-o', 'yaml').catch(String);
  const containers = await host.run('docker', ['ps', '-a'], { allowFailure: true });
  const logs = await host.run('sh', ['-c', `tail -n 60 ${host.home}/dockerd.log ${host.home}/state/*/logs/kube*.log`], {
    allowFailure: true,
  });
  console.log([pods, containers.stdout + containers.stderr, logs.stdout].join('\n'));
}, 60_000);

afterAll(async () => {
  await deploy('down', '--purge').catch(() => {});
  await host?.remove();
}, 120_000);

it.each(['SIGTERM', 'SIGKILL'] as const)(
  'survives %s of dockerd',
  async (signal) => {
    const before = await podViews();
    await host.stopEngine(signal);
    await host.startEngine();
    const after = await until(
      'all pods Ready again, restarted once',
      async () => {
        const views = await podViews();
        const settled = Object.entries(before).every(
          ([name, { restarts }]) => views[name]?.ready && views[name].restarts > restarts,
        );
        return settled && views;
      },
      { timeoutMs: 120_000, everyMs: 200 },
    );
    const expected = Object.entries(before).map(([name, view]) => [name, { ...view, restarts: view.restarts + 1 }]);
    expect(after).toEqual(Object.fromEntries(expected));
    const port = await kubectl('get', 'service', 'web', '-o', 'jsonpath={.spec.ports[0].nodePort}');
    await until('the service answers', async () =>
      (
        await host.run(process.execPath, [
          '-e',
          `fetch('http://127.0.0.1:${port}/').then(async (answer) => console.log(await answer.text()))`,
        ])
      ).stdout.includes('Hello'),
    );
  },
  240_000,
);

/** Rolling updates under load: no failed request, a stalled rollout keeps serving, undo recovers. */
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { projectRoot } from '../support/commands';
import { useNamespace } from '../support/shared-cluster';
import { until } from '../support/until';

const ns = useNamespace('rollout');
const { kubectl } = ns;

/** A server that, told to stop, no longer listens, finishes open requests and asks keep-alive clients to leave. */
const serverSource = `
const http = require('node:http');
const net = require('node:net');
let stopping = false;
const server = http.createServer((request, response) => {
  if (request.url === '/healthz') return response.end('ok');
  if (stopping) response.setHeader('connection', 'close');
  setTimeout(() => response.end(process.env.VERSION), 20);
});
server.keepAliveTimeout = 0;
server.listen(8080);
process.on('SIGTERM', () => {
  stopping = true;
  net.Server.prototype.close.call(server, () => process.exit(0));
});
`;

const manifests = {
  apiVersion: 'v1',
  kind: 'List',
  items: [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'server' }, data: { 'server.js': serverSource } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'loaded' },
      spec: {
        replicas: 5,
        selector: { matchLabels: { app: 'loaded' } },
        template: {
          metadata: { labels: { app: 'loaded' } },
          spec: {
            containers: [
              {
                name: 'server',
                image: 'kubelab/node:1',
                args: ['/app/server.js'],
                env: [{ name: 'VERSION', value: 'v1' }],
                ports: [{ containerPort: 8080 }],
                readinessProbe: { httpGet: { path: '/healthz', port: 8080 }, periodSeconds: 1 },
                volumeMounts: [{ name: 'app', mountPath: '/app' }],
              },
            ],
            volumes: [{ name: 'app', configMap: { name: 'server' } }],
          },
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'loaded' },
      spec: { type: 'NodePort', selector: { app: 'loaded' }, ports: [{ port: 80, targetPort: 8080 }] },
    },
  ],
};

interface Load {
  answers: Map<string, number>;
  failures: string[];
  stop(): Promise<void>;
}

/** Several clients asking without pause: half of them keep their connection, half make a new one each time. */
function startLoad(port: number): Load {
  const answers = new Map<string, number>();
  const failures: string[] = [];
  let running = true;
  const ask = (agent: Agent): Promise<void> =>
    new Promise((resolve) => {
      const request = get({ host: '127.0.0.1', port, path: '/', agent, timeout: 10_000 }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
        response.on('end', () => {
          if (response.statusCode === 200) answers.set(body, (answers.get(body) ?? 0) + 1);
          else failures.push(`status ${response.statusCode}`);
          resolve();
        });
        response.on('error', (error) => resolve(void failures.push(error.message)));
      });
      request.on('timeout', () => request.destroy(new Error('timeout')));
      request.on('error', (error) => resolve(void failures.push(error.message)));
    });
  const client = async (keepAlive: boolean): Promise<void> => {
    const agent = new Agent({ keepAlive, maxSockets: 1 });
    while (running) await ask(agent);
    agent.destroy();
  };
  const clients = [true, true, true, true, false, false, false, false].map(client);
  return {
    answers,
    failures,
    async stop() {
      running = false;
      await Promise.all(clients);
    },
  };
}

/** The versions that pods of the deployment have now. */
const versions = async (): Promise<string[]> => {
  const path = 'jsonpath={.items[*].spec.containers[0].env[0].value}';
  return [...new Set((await kubectl('get', 'pods', '-l', 'app=loaded', '-o', path)).split(' '))].sort();
};

const setDeadline = (progressDeadlineSeconds: number): Promise<string> =>
  kubectl('patch', 'deployment', 'loaded', '-p', JSON.stringify({ spec: { progressDeadlineSeconds } }));

describe('a rolling update under constant load', () => {
  let port = 0;
  beforeAll(async () => {
    await ns.apply(manifests);
    await kubectl('rollout', 'status', 'deployment/loaded', '--timeout=90s');
    port = Number(await kubectl('get', 'service', 'loaded', '-o', 'jsonpath={.spec.ports[0].nodePort}'));
    await until('the node port answers', () => fetch(`http://127.0.0.1:${port}/`).then((answer) => answer.ok));
  });

  it('goes from v1 to v2 without a failed request', async () => {
    const load = startLoad(port);
    await until('v1 answers the load', () => (load.answers.get('v1') ?? 0) > 20);
    await kubectl('set', 'env', 'deployment/loaded', 'VERSION=v2');
    await kubectl('rollout', 'status', 'deployment/loaded', '--timeout=90s');
    await until('v2 answers the load', () => (load.answers.get('v2') ?? 0) > 50);
    await load.stop();
    expect(load.failures).toEqual([]);
    expect([...load.answers.keys()].sort()).toEqual(['v1', 'v2']);
  });

  it('keeps serving when a bad image stalls the rollout, and recovers with undo', async () => {
    const load = startLoad(port);
    await setDeadline(10);
    await kubectl('set', 'image', 'deployment/loaded', 'server=kubelab/does-not-exist:1');
    const stalled = await ns.run(['rollout', 'status', 'deployment/loaded', '--timeout=60s'], { allowFailure: true });
    expect(stalled.code).toBe(1);
    expect(stalled.stderr).toContain('deployment "loaded" exceeded its progress deadline');
    const reasons = await kubectl(
      'get',
      'pods',
      '-l',
      'app=loaded',
      '-o',
      'jsonpath={.items[*].status.containerStatuses[*].state.waiting.reason}',
    );
    expect(reasons).toMatch(/ErrImagePull|ImagePullBackOff/);
    expect(await kubectl('rollout', 'undo', 'deployment/loaded')).toBe('deployment.apps/loaded rolled back\n');
    await setDeadline(600);
    await kubectl('rollout', 'status', 'deployment/loaded', '--timeout=60s');
    await load.stop();
    expect(load.failures).toEqual([]);
    expect([...load.answers.keys()]).toEqual(['v2']);
  });

  it('keeps the history, goes back to a revision, pauses, resumes and restarts', async () => {
    const history = await kubectl('rollout', 'history', 'deployment/loaded');
    expect(history).toMatch(/^1\s/m);
    await kubectl('rollout', 'undo', 'deployment/loaded', '--to-revision=1');
    await kubectl('rollout', 'status', 'deployment/loaded', '--timeout=90s');
    expect(
      await kubectl('get', 'deployment', 'loaded', '-o', 'jsonpath={.spec.template.spec.containers[0].env[0].value}'),
    ).toBe('v1');
    await kubectl('rollout', 'pause', 'deployment/loaded');
    await kubectl('set', 'env', 'deployment/loaded', 'VERSION=v3');
    // The controller has seen the new template, for which nothing is there, and makes nothing.
    await until(
      'the template counted as not rolled out',
      async () => (await kubectl('get', 'deployment', 'loaded', '-o', 'jsonpath={.status.updatedReplicas}')) === '',
    );
    expect(await versions()).not.toContain('v3');
    await kubectl('rollout', 'resume', 'deployment/loaded');
    await kubectl('rollout', 'status', 'deployment/loaded', '--timeout=90s');
    const before = await kubectl('get', 'replicasets', '-l', 'app=loaded', '-o', 'name');
    await kubectl('rollout', 'restart', 'deployment/loaded');
    await kubectl('rollout', 'status', 'deployment/loaded', '--timeout=90s');
    expect(await kubectl('get', 'replicasets', '-l', 'app=loaded', '-o', 'name')).not.toBe(before);
  });
});

describe('the demo', () => {
  it('goes from v1 to v2 under constant load without a failed request', async () => {
    await kubectl('apply', '-f', join(projectRoot, 'deploy/demos/rollout'));
    await kubectl('rollout', 'status', 'deployment/rollout', '--timeout=90s');
    const port = Number(await kubectl('get', 'service', 'rollout', '-o', 'jsonpath={.spec.ports[0].nodePort}'));
    await until('the node port answers', () => fetch(`http://127.0.0.1:${port}/`).then((answer) => answer.ok));
    const load = startLoad(port);
    const seen = (version: string): number =>
      [...load.answers].reduce((sum, [text, times]) => (text.includes(`version ${version}`) ? sum + times : sum), 0);
    await until('v1 answers the load', () => seen('v1') > 20);
    await kubectl('set', 'image', 'deployment/rollout', 'demo=kubelab/demo:v2');
    await kubectl('rollout', 'status', 'deployment/rollout', '--timeout=90s');
    await until('v2 answers the load', () => seen('v2') > 50);
    await load.stop();
    expect(load.failures).toEqual([]);
  });
});

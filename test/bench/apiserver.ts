/**
 * How fast the API server is by itself, over a real etcd, on this machine: reads, writes, lists, and events fanned out to
 * watchers. Run it after a build: `node dist/test/bench/apiserver.js`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFile, mkdtemp, rm } from 'node:fs/promises';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureAuthority, ensureLeaf, ensureSigningKey } from '../../deploy/pki';
import { freePort, startEtcd, type TestEtcd } from '../support/etcd';
import { until } from '../support/until';

interface Target {
  port: number;
  options: https.AgentOptions;
  agent: https.Agent;
}

const collection = '/api/v1/namespaces/default/configmaps';

function send(target: Target, method: string, path: string, body?: object): Promise<number> {
  const payload = body && JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const request = https.request(
      {
        host: '127.0.0.1',
        port: target.port,
        agent: target.agent,
        method,
        path,
        headers: payload ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) } : {},
      },
      (answer) => {
        answer.resume();
        answer.on('end', () => resolve(answer.statusCode ?? 0));
      },
    );
    request.on('error', reject);
    request.end(payload);
  });
}

async function rate(what: string, total: number, inFlight: number, one: (i: number) => Promise<number>): Promise<void> {
  const started = performance.now();
  let next = 0;
  let failed = 0;
  const worker = async (): Promise<void> => {
    while (next < total) if ((await one(next++)) >= 300) failed++;
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  const seconds = (performance.now() - started) / 1000;
  console.log(`${what.padEnd(44)} ${Math.round(total / seconds)}/s${failed ? ` (${failed} failed)` : ''}`);
}

/** Opens watches and resolves once all of them have seen so many events. */
async function fanOut(target: Target, watchers: number, events: number): Promise<void> {
  let seen = 0;
  let finish: () => void = () => undefined;
  const all = new Promise<void>((resolve) => (finish = resolve));
  const requests = await Promise.all(
    Array.from({ length: watchers }, async () => {
      const request = https.get({
        host: '127.0.0.1',
        port: target.port,
        path: `${collection}?watch=1&labelSelector=fan%3Dout`,
        agent: false,
        ...target.options,
      });
      await new Promise<void>((resolve, reject) => {
        request.on('error', reject);
        request.on('response', (answer) => {
          answer.on('data', (chunk: Buffer) => {
            for (const byte of chunk) if (byte === 0x0a) seen++;
            if (seen >= watchers * events) finish();
          });
          resolve();
        });
      });
      return request;
    }),
  );
  const started = performance.now();
  await rate(`create, with ${watchers} watchers`, events, 16, (i) =>
    send(target, 'POST', collection, objectNamed(`fan-${i}`, { fan: 'out' })),
  );
  await all;
  const seconds = (performance.now() - started) / 1000;
  console.log(
    `${`events delivered to ${watchers} watchers`.padEnd(44)} ${Math.round((watchers * events) / seconds)}/s`,
  );
  for (const request of requests) request.destroy();
}

const objectNamed = (name: string, labels: object = {}): object => ({
  metadata: { name, labels },
  data: { x: 'x'.repeat(1800) },
});

async function startServer(folder: string, etcd: TestEtcd): Promise<{ child: ChildProcess; target: Target }> {
  const [ca, keys, port] = [
    await ensureAuthority(folder, 'ca', 'kubernetes'),
    await ensureSigningKey(folder),
    await freePort(),
  ];
  const serving = await ensureLeaf(ca, folder, 'apiserver', {
    commonName: 'a',
    hosts: ['127.0.0.1'],
    usages: ['server'],
  });
  const admin = await ensureLeaf(ca, folder, 'admin', {
    commonName: 'admin',
    organizations: ['system:masters'],
    usages: ['client'],
  });
  const flags = {
    'secure-port': port,
    'bind-address': '127.0.0.1',
    'etcd-servers': etcd.endpoints.join(),
    'tls-cert-file': serving.cert,
    'tls-private-key-file': serving.key,
    'client-ca-file': ca.files.cert,
    'service-account-key-file': keys.publicKey,
    'service-account-signing-key-file': keys.privateKey,
  };
  const args = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
  const nodeArgs = process.env.KUBELAB_BENCH_NODE_ARGS?.split(' ') ?? [];
  const child = spawn(process.execPath, [...nodeArgs, join(__dirname, '../../apiserver/main.js'), ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const options = { ca: ca.pem, cert: await readFile(admin.cert), key: await readFile(admin.key) };
  const target = { port, options, agent: new https.Agent({ keepAlive: true, maxSockets: 64, ...options }) };
  await until('the API server is ready', async () => (await send(target, 'GET', '/readyz')) === 200);
  return { child, target };
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'kubelab-bench-'));
  const etcd = await startEtcd();
  const { child, target } = await startServer(folder, etcd);
  try {
    for (let round = 0; round < 2; round++) {
      const name = (i: number): string => `c-${round}-${i}`;
      await rate('create, 16 in flight', 3000, 16, (i) => send(target, 'POST', collection, objectNamed(name(i))));
      await rate('get, 32 in flight', 10_000, 32, (i) => send(target, 'GET', `${collection}/${name(i % 3000)}`));
      await rate('get resourceVersion=0, 32 in flight', 10_000, 32, (i) =>
        send(target, 'GET', `${collection}/${name(i % 3000)}?resourceVersion=0`),
      );
      await rate('list of 500 of 2 KB, 4 in flight', 100, 4, () => send(target, 'GET', `${collection}?limit=500`));
    }
    await rate('list of 6000 of 2 KB, 2 in flight', 10, 2, () => send(target, 'GET', collection));
    await fanOut(target, 100, 1000);
  } finally {
    target.agent.destroy();
    child.kill('SIGTERM');
    await new Promise((resolve) => child.on('exit', resolve));
    await etcd.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

void main();

/** Two API server processes over a three-member etcd: what they agree on, and what clients see while parts of it die. */
import { mkdtempSync, rmSync } from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ApiServerFiles,
  type ApiServerProcess,
  makeApiServerFiles,
  startApiServerProcess,
} from '../../support/apiserver-process';
import { startEtcdCluster, type TestEtcdCluster } from '../../support/etcd-cluster';
import { until } from '../../support/until';
import { openWatch } from '../../support/watch-client';

const folder = mkdtempSync(join(tmpdir(), 'kubelab-servers-'));
const addresses = ['198.18.0.1', '198.18.0.2'];
const configMaps = '/api/v1/namespaces/default/configmaps';
let etcd: TestEtcdCluster;
let files: ApiServerFiles;
let servers: ApiServerProcess[];
const agent = new https.Agent({ keepAlive: true });

beforeAll(async () => {
  [etcd, files] = await Promise.all([startEtcdCluster(), makeApiServerFiles(folder)]);
  servers = await Promise.all(
    addresses.map((address) => startApiServerProcess(files, etcd, { flags: { 'advertise-address': address } })),
  );
});

afterAll(async () => {
  agent.destroy();
  await Promise.all((servers ?? []).map((server) => server.kill()));
  await etcd?.stop();
  rmSync(folder, { recursive: true });
});

interface Answer {
  code: number;
  body: any;
}

function ask(server: number, method: string, path: string, body?: object): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { ca, cert, key } = files.client;
    const payload = body && JSON.stringify(body);
    const request = https.request(
      {
        host: '127.0.0.1',
        port: servers[server]!.port,
        method,
        path,
        ca,
        cert,
        key,
        agent,
        timeout: 15_000,
        headers: { 'content-type': 'application/json' },
      },
      (answer) => {
        let text = '';
        answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
        answer.on('error', reject);
        answer.on('end', () => resolve({ code: answer.statusCode ?? 0, body: JSON.parse(text) as unknown }));
      },
    );
    request.on('error', reject);
    request.on('timeout', () => request.destroy(new Error('no answer')));
    request.end(payload);
  });
}

const endpointAddresses = async (server: number): Promise<string[]> => {
  const { body } = await ask(server, 'GET', '/api/v1/namespaces/default/endpoints/kubernetes');
  return (body.subsets?.[0]?.addresses ?? []).map(({ ip }: { ip: string }) => ip);
};
const configMap = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
const service = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec: { type: 'NodePort', ports: [{ port: 80 }] },
});

it('lists every living server as endpoint of the kubernetes Service, and as a Lease', async () => {
  await until('both addresses', async () => (await endpointAddresses(0)).length === 2);
  expect(await endpointAddresses(1)).toEqual(addresses);
  const { body } = await ask(
    0,
    'GET',
    '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases?labelSelector=apiserver.kubernetes.io/identity=kube-apiserver',
  );
  expect(body.items).toHaveLength(2);
});

it('reads at one server what was written through the other, at once', async () => {
  for (let i = 0; i < 20; i++) {
    expect((await ask(i % 2, 'POST', configMaps, configMap(`both-${i}`))).code).toBe(201);
    expect((await ask((i + 1) % 2, 'GET', `${configMaps}/both-${i}`)).code).toBe(200);
  }
});

it('hands out no address and no port twice', async () => {
  const made = await Promise.all(
    Array.from({ length: 24 }, (_, i) => ask(i % 2, 'POST', '/api/v1/namespaces/default/services', service(`s${i}`))),
  );
  expect(made.map(({ code }) => code)).toEqual(made.map(() => 201));
  expect(new Set(made.map(({ body }) => body.spec.clusterIP)).size).toBe(made.length);
  expect(new Set(made.map(({ body }) => body.spec.ports[0].nodePort)).size).toBe(made.length);
});

it('goes on, and loses nothing, when an etcd member and an API server die under writes', async () => {
  const seen = new Set<string>();
  const watch = await openWatch(
    { url: `https://127.0.0.1:${servers[1]!.port}`, ca: files.client.ca, admin: files.client },
    `${configMaps}?watch=1`,
  );
  const watched = (async () => {
    for (let line = await watch.next(); line; line = await watch.next()) {
      seen.add(line.object.metadata.name);
      if (line.object.metadata.name === 'last') return;
    }
  })();

  const acknowledged: string[] = [];
  let counter = 0;
  let writing = true;
  // Each writer tries the other server when one fails, as a client with both addresses does.
  const writer = async (preferred: number): Promise<void> => {
    while (writing) {
      const name = `write-${counter++}`;
      for (const server of [preferred, 1 - preferred]) {
        const answer = await ask(server, 'POST', configMaps, configMap(name)).catch(() => undefined);
        if (answer?.code !== 201) continue;
        acknowledged.push(name);
        break;
      }
    }
  };
  const more = (count: number) => {
    const from = acknowledged.length;
    return until(`${count} more writes`, () => acknowledged.length >= from + count);
  };
  const writers = [0, 1, 0, 1].map(writer);
  await more(20);
  await etcd.kill(0);
  await more(40);
  await servers[0]!.kill();
  await more(40);
  await etcd.restart(0);
  await etcd.kill(1);
  await more(40);
  writing = false;
  await Promise.all(writers);

  // etcd may be choosing a leader just now: then nobody knows whether it was written.
  await until('the last write', async () =>
    [201, 409].includes((await ask(1, 'POST', configMaps, configMap('last'))).code),
  );
  const { body } = await ask(1, 'GET', configMaps);
  const stored = new Set(body.items.map(({ metadata }: any) => metadata.name));
  expect(acknowledged.filter((name) => !stored.has(name))).toEqual([]);
  await watched;
  expect(acknowledged.filter((name) => !seen.has(name))).toEqual([]);
  watch.close();
});

it('drops the dead server from the endpoints, and takes it back when it returns', async () => {
  await until('one address', async () => (await endpointAddresses(1)).join() === addresses[1]);
  await servers[0]!.restart();
  await until('both addresses', async () => (await endpointAddresses(0)).length === 2);
  // One that is told to end says so at once.
  await servers[0]!.stop();
  expect(await endpointAddresses(1)).toEqual([addresses[1]]);
});

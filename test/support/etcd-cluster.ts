/** Three etcd members that elect a leader among themselves, any of which a test may kill. */
import { once } from 'node:events';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port';
import { until } from './until';

export interface TestEtcdCluster {
  readonly endpoints: string[];
  /** SIGKILL to one member; resolves when it is gone. */
  kill(member: number): Promise<void>;
  restart(member: number): Promise<void>;
  stop(): Promise<void>;
}

export async function startEtcdCluster(size = 3): Promise<TestEtcdCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'kubelab-etcd-'));
  const members: { client: string; peer: string; child?: ChildProcess }[] = [];
  for (let index = 0; index < size; index++) {
    const [client, peer] = [await freePort(), await freePort()];
    members.push({ client: `http://127.0.0.1:${client}`, peer: `http://127.0.0.1:${peer}` });
  }
  const cluster = members.map(({ peer }, index) => `m${index}=${peer}`).join();

  const start = (index: number): void => {
    const member = members[index]!;
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('ETCD_')));
    const args = {
      name: `m${index}`,
      'data-dir': join(folder, `m${index}`),
      'listen-client-urls': member.client,
      'advertise-client-urls': member.client,
      'listen-peer-urls': member.peer,
      'initial-advertise-peer-urls': member.peer,
      'initial-cluster': cluster,
      'heartbeat-interval': '50',
      'election-timeout': '500',
      logger: 'zap',
      'log-level': 'error',
    };
    const flags = Object.entries(args).map(([name, value]) => `--${name}=${value}`);
    member.child = spawn('etcd', flags, { stdio: 'ignore', env });
  };
  const healthy = (index: number): Promise<boolean> =>
    until(`etcd member ${index} is healthy`, () => isHealthy(members[index]!.client), { everyMs: 20 });
  const kill = async (index: number): Promise<void> => {
    const { child } = members[index]!;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };

  members.forEach((_member, index) => start(index));
  await Promise.all(members.map((_member, index) => healthy(index)));
  return {
    endpoints: members.map(({ client }) => client),
    kill,
    async restart(index) {
      await kill(index);
      start(index);
      await healthy(index);
    },
    async stop() {
      await Promise.all(members.map((_member, index) => kill(index)));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const isHealthy = (url: string): Promise<boolean> =>
  new Promise((resolve) => {
    const request = http.get(`${url}/health`, { agent: false, timeout: 1_000 }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    request.on('error', () => resolve(false));
    request.on('timeout', () => request.destroy());
  });

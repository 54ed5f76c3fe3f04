/** A real etcd of a test's own: free ports, a temporary data directory, and ways to hurt it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Etcd } from '../../apiserver/storage/etcd';
import { systemClock } from '../../component-base/clock';
import { freePort } from './free-port';

export interface EtcdFiles {
  caFile: string;
  certFile: string;
  keyFile: string;
}

export interface TestEtcd {
  /** `http://127.0.0.1:<port>`, or `https://…` with `tls`. */
  endpoints: string[];
  dataDir: string;
  /** SIGKILL. Resolves when the process is gone. */
  kill(): Promise<void>;
  /** Starts it again on the same ports and data, after `kill` or instead of it. */
  restart(): Promise<void>;
  /** SIGSTOP and SIGCONT: an etcd that does not answer. */
  freeze(): void;
  thaw(): void;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

export async function startEtcd(
  options: { tls?: EtcdFiles; args?: string[]; dataDir?: string } = {},
): Promise<TestEtcd> {
  const { tls } = options;
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'kubelab-etcd-')));
  const [clientPort, peerPort] = [await freePort(), await freePort()];
  const clientUrl = `${tls ? 'https' : 'http'}://127.0.0.1:${clientPort}`;
  const peerUrl = `http://127.0.0.1:${peerPort}`;
  const args = [
    ...[
      '--name=test',
      `--data-dir=${dataDir}`,
      `--listen-client-urls=${clientUrl}`,
      `--advertise-client-urls=${clientUrl}`,
    ],
    ...[
      `--listen-peer-urls=${peerUrl}`,
      `--initial-advertise-peer-urls=${peerUrl}`,
      `--initial-cluster=test=${peerUrl}`,
    ],
    ...['--logger=zap', '--log-level=error'],
    ...(tls
      ? [
          `--trusted-ca-file=${tls.caFile}`,
          `--cert-file=${tls.certFile}`,
          `--key-file=${tls.keyFile}`,
          '--client-cert-auth',
        ]
      : []),
    ...(options.args ?? []),
  ];
  let child: ChildProcess | undefined;

  const start = async (): Promise<void> => {
    // Debian's etcd reads ETCD_* variables; the test's must not inherit them.
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('ETCD_')));
    const started = spawn('etcd', args, { stdio: ['ignore', 'ignore', 'pipe'], env });
    let stderr = '';
    started.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child = started;
    const deadline = Date.now() + 60_000;
    while (!(await isHealthy(clientUrl, tls))) {
      if (started.exitCode !== null) throw new Error(`etcd exited with ${started.exitCode}: ${stderr}`);
      if (Date.now() > deadline) throw new Error(`etcd does not become healthy: ${stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const kill = async (): Promise<void> => {
    const running = child;
    child = undefined;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const exited = once(running, 'exit');
    running.kill('SIGKILL');
    await exited;
  };
  await start();
  return {
    endpoints: [clientUrl],
    dataDir,
    kill,
    async restart() {
      await kill();
      await start();
    },
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    async stop() {
      await kill();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Discards all history up to now. etcd must be one without TLS. */
export async function compactEtcd(etcd: Pick<TestEtcd, 'endpoints'>): Promise<number> {
  const client = new Etcd({ endpoints: etcd.endpoints, clock: systemClock });
  try {
    const { revision } = await client.range({ start: '/registry/', countOnly: true });
    await client.compact(revision);
    return revision;
  } finally {
    client.close();
  }
}

/** True once etcd says that it is healthy: it listens before it can answer. */
const isHealthy = (url: string, tls: EtcdFiles | undefined): Promise<boolean> =>
  new Promise((resolve) => {
    const answer = (response: IncomingMessage): void => {
      response.resume();
      resolve(response.statusCode === 200);
    };
    const files = tls && {
      ca: readFileSync(tls.caFile),
      cert: readFileSync(tls.certFile),
      key: readFileSync(tls.keyFile),
    };
    const options = { agent: false as const, timeout: 1_000 };
    const request = files
      ? https.get(`${url}/health`, { ...options, ...files }, answer)
      : http.get(`${url}/health`, options, answer);
    request.on('error', () => resolve(false));
    request.on('timeout', () => request.destroy(new Error('no answer')));
  });

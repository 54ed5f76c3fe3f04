/** Real API server processes over a real etcd: for tests that kill, freeze and restart them, and for the benchmark. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import https from 'node:https';
import { type CertificateAuthority, ensureAuthority, ensureLeaf, ensureSigningKey } from '../../deploy/pki';
import { compiledFile } from './commands';
import type { TestEtcd } from './etcd';
import { freePort } from './free-port';
import { until } from './until';

/** What API servers of one cluster share, and the administrator's identity in PEM. */
export interface ApiServerFiles {
  authority: CertificateAuthority;
  serving: { cert: string; key: string };
  signing: { privateKey: string; publicKey: string };
  client: { ca: string; cert: string; key: string };
}

export interface ApiServerProcess {
  readonly port: number;
  readonly pid: number;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** Starts it again on its port, after `kill` or instead of it; resolves once it is ready. */
  restart(): Promise<void>;
  /** SIGSTOP and SIGCONT. */
  freeze(): void;
  thaw(): void;
  /** SIGTERM; resolves when it is gone. */
  stop(): Promise<void>;
}

export async function makeApiServerFiles(folder: string): Promise<ApiServerFiles> {
  const [authority, signing] = await Promise.all([
    ensureAuthority(folder, 'ca', 'kubernetes'),
    ensureSigningKey(folder),
  ]);
  const serving = await ensureLeaf(authority, folder, 'apiserver', {
    commonName: 'kube-apiserver',
    hosts: ['127.0.0.1', 'localhost'],
    usages: ['server'],
  });
  const admin = await ensureLeaf(authority, folder, 'admin', {
    commonName: 'kubernetes-admin',
    organizations: ['system:masters'],
    usages: ['client'],
  });
  const [cert, key] = await Promise.all([readFile(admin.cert, 'utf8'), readFile(admin.key, 'utf8')]);
  return { authority, serving, signing, client: { ca: authority.pem, cert, key } };
}

/** Resolves once the server is ready. `nodeArgs` go to Node, such as `--cpu-prof`. */
export async function startApiServerProcess(
  files: ApiServerFiles,
  etcd: Pick<TestEtcd, 'endpoints'>,
  options: { flags?: Record<string, string>; nodeArgs?: string[]; env?: Record<string, string> } = {},
): Promise<ApiServerProcess> {
  const port = await freePort();
  const flags: Record<string, string> = {
    'secure-port': String(port),
    'bind-address': '127.0.0.1',
    'advertise-address': '198.18.0.1',
    'etcd-servers': etcd.endpoints.join(),
    'tls-cert-file': files.serving.cert,
    'tls-private-key-file': files.serving.key,
    'client-ca-file': files.authority.files.cert,
    'service-account-key-file': files.signing.publicKey,
    'service-account-signing-key-file': files.signing.privateKey,
    ...options.flags,
  };
  const args = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
  let child: ChildProcess;
  let log = '';
  const start = async (): Promise<void> => {
    const program = compiledFile('apiserver/main.js');
    const started = spawn(process.execPath, [...(options.nodeArgs ?? []), program, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env },
    });
    const keep = (chunk: Buffer): void => void (log = (log + chunk.toString()).slice(-8_000));
    started.stdout.on('data', keep);
    started.stderr.on('data', keep);
    child = started;
    await until('the API server is ready', () => {
      if (started.exitCode !== null) throw new Error(`the API server ended with ${started.exitCode}: ${log}`);
      return isReady(port, files.client);
    });
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  };
  await start();
  return {
    port,
    get pid() {
      return child.pid!;
    },
    kill: () => end('SIGKILL'),
    async restart() {
      await end('SIGKILL');
      await start();
    },
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    stop: () => end('SIGTERM'),
  };
}

const isReady = (port: number, { ca, cert, key }: ApiServerFiles['client']): Promise<boolean> =>
  new Promise((resolve) => {
    const options = { host: '127.0.0.1', port, path: '/readyz', ca, cert, key, agent: false, timeout: 2_000 } as const;
    const request = https.get(options, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    request.on('error', () => resolve(false));
    request.on('timeout', () => request.destroy());
  });

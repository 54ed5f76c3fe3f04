/** A real API server in this process, over a real etcd, with certificates of its own: what integration tests talk to. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import https from 'node:https';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningApiServer, startApiServer } from '../../apiserver/start';
import { apiServerFlags } from '../../apiserver/flags';
import { parseFlags } from '../../component-base/flags';
import { createMetrics } from '../../component-base/metrics';
import { createHealth } from '../../component-base/health';
import { createLogger } from '../../component-base/logger';
import { systemClock } from '../../component-base/clock';
import { writeKubeconfig } from '../../deploy/certificates';
import { type CertificateAuthority, ensureAuthority, ensureLeaf, ensureSigningKey } from '../../deploy/pki';
import { type CommandResult, run } from '../../component-base/run-command';
import { startEtcd, type TestEtcd } from './etcd';

export interface RestAnswer {
  code: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  /** The parsed body; undefined when it is no JSON. */
  body: any;
}

export interface RestRequest {
  body?: unknown;
  headers?: Record<string, string>;
  /** PEM of another client; default: the administrator's certificate. `null`: none. */
  identity?: Identity | null;
  /** Of a peer; default: the server itself. */
  port?: number;
}

export interface Identity {
  cert: string;
  key: string;
}

export interface TestApiServer {
  readonly url: string;
  readonly port: number;
  /** Of the administrator (system:masters). */
  readonly kubeconfig: string;
  readonly ca: string;
  readonly admin: Identity;
  /** PEM of the key that signs service-account tokens. */
  readonly serviceAccountKey: string;
  readonly etcd: TestEtcd;
  rest(method: string, path: string, request?: RestRequest): Promise<RestAnswer>;
  /** A client certificate for a user, and its kubeconfig. */
  identity(user: string, groups?: string[]): Promise<Identity & { kubeconfig: string }>;
  kubectl(args: string[], options?: { minor?: string; input?: string; kubeconfig?: string }): Promise<CommandResult>;
  /** Stops the server and starts another over the same etcd, on another port. */
  restart(): Promise<void>;
  /** Starts one more server over the same etcd, and gives its port for `rest`. */
  startPeer(): Promise<number>;
  stop(): Promise<void>;
}

export async function startTestApiServer(flags: Record<string, string> = {}): Promise<TestApiServer> {
  const folder = await mkdtemp(join(tmpdir(), 'kubelab-apiserver-'));
  const [ca, keys, etcd] = await Promise.all([
    ensureAuthority(folder, 'ca', 'kubernetes'),
    ensureSigningKey(folder),
    startEtcd(),
  ]);
  const serving = await ensureLeaf(ca, folder, 'apiserver', {
    commonName: 'kube-apiserver',
    hosts: ['127.0.0.1', 'localhost'],
    usages: ['server'],
  });
  const log = createLogger('kube-apiserver');
  log.level = process.env.KUBELAB_TEST_LOG ?? 'error';
  const start = (): Promise<RunningApiServer> =>
    startApiServer({
      flags: parseFlags(
        apiServerFlags,
        Object.entries({
          'secure-port': '0',
          'bind-address': '127.0.0.1',
          'advertise-address': '198.18.0.1',
          'etcd-servers': etcd.endpoints.join(),
          'tls-cert-file': serving.cert,
          'tls-private-key-file': serving.key,
          'client-ca-file': ca.files.cert,
          'service-account-key-file': keys.publicKey,
          'service-account-signing-key-file': keys.privateKey,
          'service-cluster-ip-range': '10.97.0.0/16',
          'enable-bootstrap-token-auth': 'true',
          ...flags,
        }).map(([name, value]) => `--${name}=${value}`),
      ),
      clock: systemClock,
      log,
      metrics: createMetrics({ process: false }),
      health: createHealth(),
    });
  const server = new TestServer(folder, ca, readFileSync(keys.privateKey, 'utf8'), etcd, start);
  try {
    await server.begin();
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

/** Makes the account that pods of a namespace run as: a controller's work elsewhere, and pods are refused without it. */
export async function allowPods(server: TestApiServer, namespace = 'default'): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts`;
  await server.rest('POST', path, { body: { metadata: { name: 'default' } } });
}

class TestServer implements TestApiServer {
  port = 0;
  kubeconfig = '';
  admin: Identity = { cert: '', key: '' };
  private running: RunningApiServer | undefined;
  private readonly peers: RunningApiServer[] = [];
  private readonly agents = new Map<string, https.Agent>();

  constructor(
    private readonly folder: string,
    private readonly authority: CertificateAuthority,
    readonly serviceAccountKey: string,
    readonly etcd: TestEtcd,
    private readonly start: () => Promise<RunningApiServer>,
  ) {}

  get url(): string {
    return `https://127.0.0.1:${this.port}`;
  }

  get ca(): string {
    return this.authority.pem;
  }

  async begin(): Promise<void> {
    this.running = await this.start();
    this.port = this.running.port;
    const { kubeconfig, cert, key } = await this.identity('kubernetes-admin', ['system:masters']);
    Object.assign(this, { kubeconfig, admin: { cert, key } });
  }

  async identity(user: string, groups: string[] = []) {
    const name = [user, ...groups].join('-').replace(/[^\w.-]/g, '_');
    const files = await ensureLeaf(this.authority, this.folder, name, {
      commonName: user,
      organizations: groups,
      usages: ['client'],
    });
    const kubeconfig = await writeKubeconfig(
      join(this.folder, `${name}.kubeconfig`),
      this.url,
      this.authority.files.cert,
      files,
    );
    return { cert: readFileSync(files.cert, 'utf8'), key: readFileSync(files.key, 'utf8'), kubeconfig };
  }

  rest(method: string, path: string, request: RestRequest = {}): Promise<RestAnswer> {
    const { body, headers = {}, identity = this.admin, port = this.port } = request;
    const payload = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const sent = https.request(
        `https://127.0.0.1:${port}${path}`,
        {
          method,
          agent: this.agentOf(identity),
          headers: {
            ...(payload !== undefined && {
              'content-type': 'application/json',
              'content-length': String(Buffer.byteLength(payload)),
            }),
            ...headers,
          },
        },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('error', reject);
          answer.on('end', () => {
            const text = Buffer.concat(chunks).toString();
            resolve({ code: answer.statusCode ?? 0, headers: answer.headers, text, body: parse(text) });
          });
        },
      );
      sent.on('error', reject);
      sent.end(payload);
    });
  }

  /** One pool of connections for each identity. */
  private agentOf(identity: Identity | null): https.Agent {
    const key = identity?.cert ?? '';
    let agent = this.agents.get(key);
    if (!agent) {
      agent = new https.Agent({
        keepAlive: true,
        ca: this.ca,
        ...(identity && { cert: identity.cert, key: identity.key }),
      });
      this.agents.set(key, agent);
    }
    return agent;
  }

  async kubectl(
    args: string[],
    { minor, input, kubeconfig }: { minor?: string; input?: string; kubeconfig?: string } = {},
  ) {
    const command = minor ? `/usr/lib/google-cloud-sdk/bin/kubectl.${minor}` : 'kubectl';
    return run(
      command,
      ['--kubeconfig', kubeconfig ?? this.kubeconfig, '--cache-dir', join(this.folder, 'cache'), ...args],
      {
        allowFailure: true,
        ...(input !== undefined && { input }),
      },
    );
  }

  async restart(): Promise<void> {
    await this.running?.stop();
    await this.begin();
  }

  async startPeer(): Promise<number> {
    const peer = await this.start();
    this.peers.push(peer);
    return peer.port;
  }

  /** Writes a manifest and gives its path. */
  async manifest(name: string, content: string): Promise<string> {
    const path = join(this.folder, name);
    await writeFile(path, content);
    return path;
  }

  async stop(): Promise<void> {
    for (const agent of this.agents.values()) agent.destroy();
    await Promise.all([this.running, ...this.peers].map((server) => server?.stop()));
    await this.etcd.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

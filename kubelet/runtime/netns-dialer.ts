/**
 * Connections to `localhost` inside a pod's network namespace, for port-forward. Node cannot enter a namespace itself, so the
 * first dial starts a small relay there (`nsenter --net=… node -e …`) that listens on a Unix socket, which knows no network
 * namespaces; later dials cost one connection each. It works for pods that listen on 127.0.0.1 only, keeps half-closed
 * connections, needs nothing installed in image or host, and ends itself when idle.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import type { Logger } from '../../component-base/logger';
import { RuntimeError } from './runtime';

export interface DialerOptions {
  log: Logger;
  /** The sandbox's main process and whether it shares the host's network. */
  locate(sandboxId: string): Promise<{ pid: number; hostNetwork: boolean }>;
}

/**
 * Runs inside the namespace. A client sends `port\n`, is answered `ok\n` or `error text\n`, and then talks to the port.
 * argv: socket path, idle milliseconds.
 */
const relaySource = `
const net = require('node:net');
const [socketPath, idleMs] = process.argv.slice(1);
let open = 0, timer;
// Also when the kubelet is gone: nobody else would remove it.
process.on('exit', () => require('node:fs').rmSync(require('node:path').dirname(socketPath), { recursive: true, force: true }));
const idle = () => { clearTimeout(timer); if (!open) timer = setTimeout(() => process.exit(0), Number(idleMs)); };
const connect = (port, hosts, done, first) => {
  const target = net.connect({ port, host: hosts[0], allowHalfOpen: true, noDelay: true });
  target.once('error', (error) =>
    hosts.length > 1 ? connect(port, hosts.slice(1), done, error) : done(first || error));
  target.once('connect', () => { target.removeAllListeners('error'); done(undefined, target); });
};
net.createServer({ allowHalfOpen: true }, (client) => {
  open += 1; clearTimeout(timer);
  client.once('close', () => { open -= 1; idle(); });
  client.on('error', () => client.destroy());
  let head = '';
  const onData = (chunk) => {
    head += chunk.toString('latin1');
    const end = head.indexOf('\\n');
    if (end < 0) return;
    client.off('data', onData); client.pause();
    connect(Number(head.slice(0, end)), ['127.0.0.1', '::1'], (error, target) => {
      if (error) return client.end('error ' + error.message + '\\n');
      const rest = head.slice(end + 1);
      if (rest) target.write(Buffer.from(rest, 'latin1'));
      target.on('error', () => client.destroy());
      target.once('close', () => client.destroy());
      client.once('close', () => target.destroy());
      client.write('ok\\n');
      client.pipe(target); target.pipe(client);
    });
  };
  client.on('data', onData);
}).listen(socketPath, () => { process.stdout.write('listening\\n'); idle(); });
process.stdin.on('end', () => process.exit(0)).resume();
`;

const idleMs = 30_000;

export interface NetnsDialer {
  dial(sandboxId: string, port: number): Promise<Duplex>;
  /** The sandbox goes: a relay would hold its network namespace, and with that its interface, until it is idle. */
  release(sandboxId: string): void;
}

interface Relay {
  socketPath: string;
  end(): void;
}

export function createNetnsDialer({ locate, log }: DialerOptions): NetnsDialer {
  const relays = new Map<string, Promise<Relay>>();

  function drop(sandboxId: string, relay: Promise<Relay>): void {
    if (relays.get(sandboxId) === relay) relays.delete(sandboxId);
  }

  function relayFor(sandboxId: string, pid: number): Promise<Relay> {
    const known = relays.get(sandboxId);
    if (known) return known;
    const started = startRelay(pid, () => drop(sandboxId, started));
    relays.set(sandboxId, started);
    started.catch((error: unknown) => {
      drop(sandboxId, started);
      log.debug({ err: error, sandboxId }, 'The port-forward relay did not start');
    });
    return started;
  }

  return {
    async dial(sandboxId, port) {
      const { pid, hostNetwork } = await locate(sandboxId);
      if (hostNetwork) return connectDirectly(port);
      for (let attempt = 0; ; attempt += 1) {
        const relay = relayFor(sandboxId, pid);
        try {
          return await throughRelay((await relay).socketPath, port);
        } catch (error) {
          // The relay may have ended idle in this very moment.
          if (attempt > 0 || error instanceof RuntimeError) throw error;
          drop(sandboxId, relay);
        }
      }
    },
    release(sandboxId) {
      const relay = relays.get(sandboxId);
      relays.delete(sandboxId);
      relay?.then(
        ({ end }) => end(),
        () => undefined,
      );
    },
  };
}

async function startRelay(pid: number, onExit: () => void): Promise<Relay> {
  const folder = await mkdtemp(path.join(tmpdir(), 'kubelab-relay-'));
  const socketPath = path.join(folder, 'socket');
  const args = [`--net=/proc/${pid}/ns/net`, process.execPath, '--max-old-space-size=32', '-e', relaySource];
  // stdin ties its life to ours: it ends when the kubelet does.
  const child = spawn('nsenter', [...args, '--', socketPath, String(idleMs)], { stdio: ['pipe', 'pipe', 'ignore'] });
  child.once('close', () => {
    onExit();
    void rm(folder, { recursive: true, force: true });
  });
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve());
    child.once('error', reject);
    child.once('close', () => reject(new RuntimeError('dial', 'the relay in the pod network ended', 500)));
  });
  // It must not keep a kubelet alive that has nothing else to do.
  child.unref();
  child.stdout.destroy();
  (child.stdin as net.Socket).unref();
  return { socketPath, end: () => child.stdin.end() };
}

/** In the words kubectl users know. */
function dialError(port: number, message: string): RuntimeError {
  const refused = `dial tcp4 127.0.0.1:${port}: connect: connection refused`;
  return new RuntimeError('dial', message.includes('ECONNREFUSED') ? refused : message, 500);
}

function throughRelay(socketPath: string, port: number): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ path: socketPath, allowHalfOpen: true });
    let head = Buffer.alloc(0);
    const onData = (chunk: Buffer): void => {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf(10);
      if (end < 0) return;
      socket.off('data', onData).pause();
      const answer = head.subarray(0, end).toString();
      if (answer !== 'ok') {
        socket.destroy();
        return reject(dialError(port, answer.replace(/^error /, '')));
      }
      socket.off('error', reject);
      const rest = head.subarray(end + 1);
      if (rest.length) socket.unshift(rest);
      resolve(socket);
    };
    socket.once('error', reject);
    socket.on('data', onData);
    socket.write(`${port}\n`);
  });
}

function connectDirectly(port: number): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port, host: 'localhost', allowHalfOpen: true, noDelay: true });
    const fail = (cause: Error): void => reject(dialError(port, cause.message));
    socket.once('error', fail);
    socket.once('connect', () => {
      socket.off('error', fail);
      resolve(socket);
    });
  });
}

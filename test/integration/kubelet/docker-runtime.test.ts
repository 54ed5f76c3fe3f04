/** The runtime against the real engine: what streams, what rotates, what a network namespace hides. */
import { once } from 'node:events';
import net from 'node:net';
import type { Duplex, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { ContainerConfig } from '../../../kubelet/runtime/runtime';
import { isOomScoreRefusal } from '../../../kubelet/runtime/docker';
import { execSync, ExecTimeoutError } from '../../../kubelet/runtime/exec-sync';
import { freePort } from '../../support/free-port';
import { until } from '../../support/until';
import { type NodeUnderTest, startNode } from './node-under-test';

const read = (stream: Readable, enough: (so: string) => boolean): Promise<string> =>
  new Promise((resolve, reject) => {
    let all = '';
    const timer = setTimeout(() => reject(new Error(`the stream gave only ${JSON.stringify(all)}`)), 60_000);
    const look = (): void => {
      if (!enough(all)) return;
      clearTimeout(timer);
      resolve(all);
    };
    stream.on('data', (chunk: Buffer) => {
      all += chunk.toString();
      look();
    });
    stream.on('end', () => {
      clearTimeout(timer);
      resolve(all);
    });
  });

describe('the Docker runtime', () => {
  let node: NodeUnderTest;
  let counter = 0;
  beforeAll(async () => {
    node = await startNode();
  });
  afterAll(async () => {
    await node.close();
  });

  async function run(script: string, more: Partial<ContainerConfig> = {}): Promise<string> {
    const config: ContainerConfig = {
      name: `${node.clusterId}-${(counter += 1)}`,
      Image: 'kubelab/busybox:1',
      Labels: {},
      Entrypoint: ['/bin/sh', '-c', script],
      HostConfig: { NetworkMode: 'none' },
      ...more,
    };
    const { id } = await node.runtime.createContainer(config);
    await node.runtime.startContainer(id);
    return id;
  }

  it('adopts a container of its own whose name is taken', async () => {
    const config: ContainerConfig = {
      name: `${node.clusterId}-twice`,
      Image: 'kubelab/busybox:1',
      Labels: {},
      HostConfig: { NetworkMode: 'none' },
    };
    const first = await node.runtime.createContainer(config);
    expect(await node.runtime.createContainer(config)).toEqual({ id: first.id, adopted: true });
  });

  it('separates stdout from stderr, passes stdin and the exit code', async () => {
    const id = await run('sleep 60');
    const session = await node.runtime.exec({
      containerId: id,
      command: ['sh', '-c', 'cat; echo err >&2; exit 7'],
      tty: false,
      stdin: true,
    });
    const output = Promise.all([text(session.stdout), text(session.stderr as Readable)]);
    session.stdin?.end('from stdin\n');
    expect(await output).toEqual(['from stdin\n', 'err\n']);
    expect(await session.exit).toBe(7);
  });

  it('gives a terminal of the size asked for', async () => {
    const id = await run('sleep 60');
    const session = await node.runtime.exec({ containerId: id, command: ['sh'], tty: true, stdin: true });
    await session.resize({ width: 123, height: 45 });
    session.stdin?.write('stty size; exit 3\n');
    expect(await read(session.stdout, (so) => so.includes('45 123'))).toContain('45 123');
    expect(await session.exit).toBe(3);
  });

  it('ends an exec that takes too long', async () => {
    const id = await run('sleep 60');
    await expect(execSync(node.runtime, id, ['sleep', '30'], 200)).rejects.toBeInstanceOf(ExecTimeoutError);
  });

  it('attaches to a running container', async () => {
    const id = await run('read line; echo "got $line"; exit 4', { OpenStdin: true, StdinOnce: true });
    const session = await node.runtime.attach({ containerId: id, tty: false, stdin: true, stdinOnce: true });
    const output = text(session.stdout);
    session.stdin?.end('hello\n');
    expect(await output).toBe('got hello\n');
    expect(await session.exit).toBeNull();
  });

  it('goes on with the output of a container that waits for more input', async () => {
    const id = await run('read line; sleep 0.3; echo "got $line"', { OpenStdin: true });
    const session = await node.runtime.attach({ containerId: id, tty: false, stdin: true, stdinOnce: false });
    const output = text(session.stdout);
    session.stdin?.end('hello\n');
    expect(await output).toBe('got hello\n');
  });

  it('does not wait for ever on a container that has ended', async () => {
    const id = await run('exit 0');
    await until('the container to end', async () => (await node.runtime.inspectContainer(id))?.state === 'exited');
    await expect(node.runtime.attach({ containerId: id, tty: false, stdin: true, stdinOnce: true })).rejects.toThrow(
      'container is in CONTAINER_EXITED state',
    );
  });

  it('reads logs in order across rotation, with tail, since and timestamps', async () => {
    const LogConfig = { Type: 'json-file', Config: { 'max-size': '4k', 'max-file': '5' } };
    const id = await run('for i in $(seq 1 100); do echo line $i; done; sleep 60', {
      HostConfig: { NetworkMode: 'none', LogConfig },
    });
    const followed = await node.runtime.logs({ containerId: id, follow: true });
    const all = await read(followed, (so) => so.includes('line 100\n'));
    followed.destroy();
    const expected = Array.from({ length: 100 }, (_, i) => `line ${i + 1}`);
    expect(all.trim().split('\n')).toEqual(expected);
    expect(await text(await node.runtime.logs({ containerId: id }))).toBe(all);
    expect(await text(await node.runtime.logs({ containerId: id, tail: 2 }))).toBe('line 99\nline 100\n');
    const stamped = await text(await node.runtime.logs({ containerId: id, tail: 1, timestamps: true }));
    expect(stamped).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z line 100\n$/);
    const sinceMs = Date.now() + 1000;
    expect(await text(await node.runtime.logs({ containerId: id, sinceMs }))).toBe('');
  });

  it('follows on while the container writes, and ends with it', async () => {
    const LogConfig = { Type: 'json-file', Config: { 'max-size': '2k', 'max-file': '3' } };
    const id = await run('for i in $(seq 1 120); do echo line $i; sleep 0.01; done', {
      HostConfig: { NetworkMode: 'none', LogConfig },
    });
    const lines = (await text(await node.runtime.logs({ containerId: id, follow: true }))).trim().split('\n');
    expect(lines).toEqual(Array.from({ length: 120 }, (_, i) => `line ${i + 1}`));
  });

  it('reaches a port that listens on the loopback of the network namespace only', async () => {
    const id = await run('mkdir /www; echo hidden > /www/x; exec httpd -f -p 127.0.0.1:7000 -h /www');
    const dial = (port: number): Promise<Duplex> => until('a connection', () => node.runtime.dial(id, port));
    const socket = await dial(7000);
    // The sending half closes first; the answer still comes.
    socket.end('GET /x HTTP/1.0\r\n\r\n');
    expect(await text(socket)).toMatch(/^HTTP\/1.\d 200 OK[^]*\r\n\r\nhidden\n$/);
    await expect(node.runtime.dial(id, 7001)).rejects.toThrow(/refused/);

    const open = await dial(7000);
    await node.runtime.removeContainer(id);
    // Nothing holds the namespace any longer, so the connection into it is cut.
    expect(await text(open)).toBe('');
  });

  it('kills a first process, and knows when the engine has seen it', async () => {
    const id = await run('exec sleep 600');
    const { pid = 0 } = (await node.runtime.inspectContainer(id)) ?? {};
    await node.runtime.killFirstProcess(id, pid);
    await expect(node.runtime.inspectContainer(id)).resolves.toMatchObject({ state: 'exited', exitCode: 137 });
    // Nothing is left to kill, and its PID may be another's.
    await node.runtime.killFirstProcess(id, process.pid);
  });

  it('tells an engine that is away from a call that failed', async () => {
    await expect(node.runtime.startContainer('no-such-container')).rejects.toMatchObject({
      code: 404,
      unreachable: false,
    });
    await expect(node.runtime.removeContainer('no-such-container')).resolves.toBeUndefined();
  });

  it('publishes a host port and gives every address back', async () => {
    const hostPort = await freePort();
    const pod = node.pod('ports', {
      containers: [
        {
          name: 'main',
          image: 'kubelab/busybox:1',
          command: ['sh', '-c', 'mkdir /www; echo served > /www/x; exec httpd -f -p 7000 -h /www'],
          ports: [{ containerPort: 7000, hostPort }],
        },
      ],
    });
    const uid = pod.metadata?.uid ?? '';
    node.engine.workers.update(pod);
    const { podIP } = await node.waitForStatus(uid, ({ phase }) => phase === 'Running', 'the pod to run');
    const answer = await until('an answer', async () => {
      const socket = net.connect({ port: hostPort, host: '127.0.0.1' });
      await once(socket, 'connect');
      socket.write('GET /x HTTP/1.0\r\n\r\n');
      return text(socket);
    });
    expect(answer).toContain('served');
    node.remove(pod, 0);
    await node.waitFor(() => node.gone.has(uid), 'the pod to be gone');
    expect(node.network.cni.knownSandboxes()).toEqual([]);
    expect(podIP).toMatch(/^10\./);
  });

  it('checks the network it gave', async () => {
    const pod = node.pod('checked', {
      containers: [{ name: 'main', image: 'kubelab/busybox:1', command: ['sleep', '60'] }],
    });
    const uid = pod.metadata?.uid ?? '';
    node.engine.workers.update(pod);
    await node.waitForStatus(uid, ({ phase }) => phase === 'Running', 'the pod to run');
    const sandboxId = node.engine.cache.status({ uid, name: 'checked', namespace: 'default' }).sandboxes[0]?.id ?? '';
    await expect(node.network.cni.check(sandboxId)).resolves.toBeUndefined();
    node.remove(pod, 0);
    await node.waitFor(() => node.gone.has(uid), 'the pod to be gone');
    await expect(node.network.cni.check(sandboxId)).rejects.toThrow(/failed to open netns|no network is known/);
  });

  it('recognizes an engine that may not lower the oom score', async () => {
    const start = run('true', { HostConfig: { NetworkMode: 'none', OomScoreAdj: -997 } });
    // Depends on the machine: either it works, or the refusal is known for what it is.
    const known = await start.then(() => true, isOomScoreRefusal);
    expect(known).toBe(true);
  });
});

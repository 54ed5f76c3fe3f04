/** exec and attach: connections that the engine hands over, joined to a container's streams. */
import { type Duplex, type PassThrough, type Readable, Writable } from 'node:stream';
import type Docker from 'dockerode';
import type { Clock } from '../../component-base/clock';
import { type ContainerStatus, type ExecSession, RuntimeError, type StreamingRuntime } from './runtime';
import { demultiplex } from './stream-frames';

export interface DockerSessionsDeps {
  docker: Docker;
  clock: Clock;
  /** Turns the engine's errors into RuntimeErrors. */
  call<T>(action: string, task: () => Promise<T>): Promise<T>;
  /** The same, but answers with these codes are fine. */
  settle(action: string, allowed: number[], task: () => Promise<unknown>): Promise<void>;
  inspect(id: string): Promise<ContainerStatus | undefined>;
}

/** How long the output of a container that has just ended may take. */
const lastOutputMs = 1_000;

export function createDockerSessions(deps: DockerSessionsDeps): Pick<StreamingRuntime, 'exec' | 'attach'> {
  const { docker, clock, call, settle } = deps;

  async function requireRunning(id: string): Promise<void> {
    const status = await deps.inspect(id);
    // In the words of the runtimes that Kubernetes knows.
    if (status?.state !== 'running') throw new RuntimeError('attach', 'container is in CONTAINER_EXITED state', 409);
  }

  return {
    async exec({ containerId, command, tty, stdin }) {
      const exec = await call('exec', () =>
        docker.getContainer(containerId).exec({
          Cmd: command,
          Tty: tty,
          AttachStdin: stdin,
          AttachStdout: true,
          AttachStderr: !tty,
        }),
      );
      const stream = await call('exec', () => exec.start({ hijack: true, stdin: true, Tty: tty }));
      return sessionOf(
        stream,
        { tty, stdin: stdin && stream },
        {
          resize: ({ width, height }) => settle('resize', [404, 409, 500], () => exec.resize({ w: width, h: height })),
          exitCode: async () => (await call('exec', () => exec.inspect())).ExitCode,
        },
      );
    },

    async attach({ containerId, tty, stdin, stdinOnce }) {
      const container = docker.getContainer(containerId);
      await requireRunning(containerId);
      const stream = (await call('attach', () =>
        container.attach({ stream: true, stdin, stdout: true, stderr: !tty, hijack: true }),
      )) as Duplex;
      let missed: Error | undefined;
      // One attached in time ends with its container; one attached too late the engine would leave open for ever.
      requireRunning(containerId).catch((error: Error) =>
        clock.after(lastOutputMs, () => {
          if (!stream.readableEnded) stream.destroy((missed = error));
        }),
      );
      return sessionOf(
        stream,
        { tty, stdin: stdin && (stdinOnce ? stream : withoutEnd(stream)) },
        {
          resize: ({ width, height }) =>
            settle('resize', [404, 409, 500], () => container.resize({ w: width, h: height })),
          // As upstream: an attach ends well; how the container ended is in the pod's status.
          exitCode: async () => {
            if (missed) throw missed;
            return null;
          },
        },
      );
    },
  };
}

/** Where input may come again later. Told of its end, the engine would also stop the output. */
const withoutEnd = (stream: Writable): Writable =>
  new Writable({ write: (chunk: Buffer, encoding, done) => void stream.write(chunk, encoding, done) });

/** An exec or attach, from the hijacked connection; `exit` waits for the output to end before it asks for the code. */
function sessionOf(
  stream: Duplex,
  { tty, stdin }: { tty: boolean; stdin: Writable | false },
  hooks: Pick<ExecSession, 'resize'> & { exitCode(): Promise<number | null> },
): ExecSession {
  const ended = new Promise<void>((resolve) => {
    stream.once('end', resolve);
    stream.once('close', resolve);
    stream.once('error', () => resolve());
  });
  const exit = ended.then(() => hooks.exitCode());
  // Whoever loses the output first does not ask for the code any more.
  exit.catch(() => undefined);
  let stdout: Readable = stream;
  let stderr: PassThrough | undefined;
  if (!tty) ({ stdout, stderr } = demultiplex(stream));
  return {
    ...(stdin && { stdin }),
    stdout,
    ...(stderr && { stderr }),
    resize: hooks.resize,
    exit,
    close: () => stream.destroy(),
  };
}

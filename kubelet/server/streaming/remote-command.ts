/**
 * exec and attach for a client: opens its streams over SPDY or a WebSocket, joins them to the container's, and tells how it
 * ended. Upstream: `kubelet/pkg/cri/streaming/remotecommand`.
 */
import type { IncomingMessage } from 'node:http';
import { type Duplex, PassThrough, type Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Status } from '../../../api/meta/status-error';
import type { ExecSession } from '../../runtime/runtime';
import { Channels, channelProtocols } from './channels';
import { SpdyConnection } from './spdy-connection';
import type { SpdyStream } from './spdy-stream';
import { acceptSpdy, chooseSpdyProtocol } from './spdy-upgrade';
import { acceptWebSocket, isWebSocket, offeredProtocols } from './websocket';

export interface StreamOptions {
  stdin: boolean;
  stdout: boolean;
  stderr: boolean;
  tty: boolean;
}

/** A client's streams, whatever it speaks. */
interface ClientStreams {
  stdin: Readable | undefined;
  stdout: Writable | undefined;
  stderr: Writable | undefined;
  /** JSON objects `{"Width":80,"Height":24}`. */
  resize: Readable | undefined;
  /** Tells the outcome and ends the connection. */
  finish(status: Partial<Status>): Promise<void>;
  /** Resolves when the client is gone. */
  closed: Promise<void>;
}

export const spdyCommandProtocols = [
  'v5.channel.k8s.io',
  'v4.channel.k8s.io',
  'v3.channel.k8s.io',
  'v2.channel.k8s.io',
];

const streamWaitMs = 30_000;

export interface RemoteCommand {
  /** Called once the client's streams are open. */
  start(): Promise<ExecSession>;
  /** What a failure to run it is called, as in `error attaching to container`. */
  failure: string;
}

/** Resolves when all is over. */
export async function serveRemoteCommand(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  options: StreamOptions,
  command: RemoteCommand,
): Promise<void> {
  const client = isWebSocket(request)
    ? await openChannels(request, socket, head, options)
    : await openSpdy(request, socket, head, options);
  let session: ExecSession;
  try {
    session = await command.start();
  } catch (error) {
    await client.finish(failureStatus(command, error));
    return;
  }
  void client.closed.then(() => session.close());
  await client.finish(await relay(client, session, command));
}

/** Joins the streams until the container's have ended, and gives the outcome. */
async function relay(client: ClientStreams, session: ExecSession, command: RemoteCommand): Promise<Partial<Status>> {
  if (client.stdin && session.stdin) void pipeline(client.stdin, session.stdin).catch(() => {});
  if (client.resize) void followResizes(client.resize, session);
  const outputs = [
    join(session.stdout, client.stdout),
    ...(session.stderr ? [join(session.stderr, client.stderr)] : []),
  ];
  try {
    await Promise.all(outputs);
    return exitStatus(await session.exit);
  } catch (error) {
    return failureStatus(command, error);
  }
}

/** The client's stream stays open for the outcome; without one the output is thrown away. */
async function join(from: Readable, to: Writable | undefined): Promise<void> {
  if (to) await pipeline(from, to, { end: false });
  else for await (const _chunk of from);
}

async function followResizes(resize: Readable, session: ExecSession): Promise<void> {
  let text = '';
  try {
    for await (const chunk of resize) {
      text += String(chunk);
      // Objects follow one another, with or without line breaks.
      for (let end = text.indexOf('}'); end >= 0; end = text.indexOf('}')) {
        const { Width = 0, Height = 0 } = JSON.parse(text.slice(0, end + 1)) as { Width?: number; Height?: number };
        text = text.slice(end + 1);
        if (Width && Height) await session.resize({ width: Width, height: Height });
      }
    }
  } catch {
    // The client is gone, or what it sent is no size.
  }
}

export function exitStatus(code: number | null): Partial<Status> {
  if (code === null || code === 0) return { metadata: {}, status: 'Success' };
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${code}`,
    reason: 'NonZeroExitCode' as never,
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  };
}

function failureStatus({ failure }: RemoteCommand, error: unknown): Partial<Status> {
  const message = `${failure}: ${(error as Error).message}`;
  return {
    metadata: {},
    status: 'Failure',
    message: `Internal error occurred: ${message}`,
    reason: 'InternalError',
    details: { causes: [{ message }] },
    code: 500,
  };
}

async function openChannels(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  options: StreamOptions,
): Promise<ClientStreams> {
  const offered = offeredProtocols(request);
  const protocol = channelProtocols.find((name) => offered.includes(name)) ?? '';
  const { socket: ws } = await acceptWebSocket(request, socket, head, protocol);
  const channels = new Channels(ws, protocol);
  const errors = channels.output(3);
  const closed = new Promise<void>((resolve) => ws.once('close', () => resolve()));
  // Only v4 and v5 speak Status; the older ones print a failure and nothing on success.
  const structured = /^v[45]\./.test(protocol);
  return {
    stdin: options.stdin ? channels.input(0) : undefined,
    stdout: options.stdout ? channels.output(1) : undefined,
    stderr: options.stderr && !options.tty ? channels.output(2) : undefined,
    resize: options.tty ? channels.input(4) : undefined,
    closed,
    async finish(status) {
      const text = structured ? JSON.stringify(status) : status.status === 'Success' ? '' : (status.message ?? '');
      if (text && ws.readyState === ws.OPEN) await new Promise((resolve) => errors.write(Buffer.from(text), resolve));
      ws.close(1000);
      await closed;
    },
  };
}

/** client-go opens its streams one after another; the command starts when all it asked for are there. */
async function openSpdy(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  options: StreamOptions,
): Promise<ClientStreams> {
  const protocol = chooseSpdyProtocol(request, spdyCommandProtocols);
  acceptSpdy(socket, protocol);
  const wanted = [
    'error',
    ...(options.stdin ? ['stdin'] : []),
    ...(options.stdout ? ['stdout'] : []),
    ...(options.stderr && !options.tty ? ['stderr'] : []),
    ...(options.tty && !/^v2/.test(protocol) ? ['resize'] : []),
  ];
  const streams = new Map<string, SpdyStream>();
  const complete = new PassThrough();
  const connection = new SpdyConnection({
    socket,
    head,
    onStream(stream) {
      const name = stream.headers.streamtype ?? '';
      if (!wanted.includes(name) || streams.has(name)) throw new Error(`unexpected stream ${name}`);
      streams.set(name, stream);
      if (streams.size === wanted.length) complete.end();
    },
  });
  await waitFor(complete, connection);
  const structured = /^v[45]\./.test(protocol);
  return {
    stdin: streams.get('stdin'),
    stdout: streams.get('stdout'),
    stderr: streams.get('stderr'),
    resize: streams.get('resize'),
    closed: connection.closedPromise,
    async finish(status) {
      const text = structured ? JSON.stringify(status) : status.status === 'Success' ? '' : (status.message ?? '');
      const endings = ['stdout', 'stderr', 'error'].map((name) =>
        endStream(streams.get(name), name === 'error' ? text : ''),
      );
      await Promise.race([Promise.all(endings), connection.closedPromise]);
      connection.end();
      await connection.closedPromise;
    },
  };
}

const endStream = (stream: SpdyStream | undefined, text: string): Promise<void> =>
  new Promise((resolve) => {
    if (!stream || stream.destroyed) return resolve();
    stream.once('close', resolve);
    stream.end(text, () => resolve());
  });

async function waitFor(complete: PassThrough, connection: SpdyConnection): Promise<void> {
  const timer = setTimeout(() => connection.end(), streamWaitMs);
  complete.resume();
  const opened = new Promise<boolean>((resolve) => complete.once('end', () => resolve(true)));
  const gone = connection.closedPromise.then(() => false);
  const isOpen = await Promise.race([opened, gone]);
  clearTimeout(timer);
  if (!isOpen) throw new Error('the client did not open its streams');
}

/** The paths that take over their connection: exec, attach and port-forward. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { newBadRequest, StatusError } from '../../api/meta/status-error';
import type { Pod } from '../../api/core/v1/pod';
import type { StreamingRuntime } from '../runtime/runtime';
import { containerSpec, type KubeletPods, requirePod, runningContainer } from './pod-lookup';
import { servePortForward } from './streaming/port-forward';
import { serveRemoteCommand, type StreamOptions } from './streaming/remote-command';

export interface StreamRequest {
  request: IncomingMessage;
  socket: Duplex;
  head: Buffer;
  url: URL;
}

export interface StreamDeps {
  runtime: StreamingRuntime;
  pods: KubeletPods;
}

/** Resolves when the stream is over; throws a StatusError before it began. */
export async function serveStream(stream: StreamRequest, deps: StreamDeps): Promise<void> {
  const [, kind = '', namespace = '', name = '', ...rest] = stream.url.pathname.split('/').map(decodeURIComponent);
  const serve = handlers[kind];
  if (!serve) throw new StatusError(404, 'NotFound', 'the server could not find the requested resource');
  // `/exec/<namespace>/<pod>/<uid>/<container>` is the longer form; the pod's name is enough to find it.
  await serve(stream, requirePod(deps.pods, namespace, name), rest.at(-1) ?? '', deps);
}

type Handler = (stream: StreamRequest, pod: Pod, container: string, deps: StreamDeps) => Promise<void>;

const isSet = (query: URLSearchParams, name: string): boolean => ['1', 'true'].includes(query.get(name) ?? '');

/** Throws BadRequest when no stream is asked for. */
function streamOptions(query: URLSearchParams): StreamOptions {
  const options = {
    stdin: isSet(query, 'input') || isSet(query, 'stdin'),
    stdout: isSet(query, 'output') || isSet(query, 'stdout'),
    stderr: isSet(query, 'error') || isSet(query, 'stderr'),
    tty: isSet(query, 'tty'),
  };
  if (!options.stdin && !options.stdout && !options.stderr) {
    throw newBadRequest('you must specify at least 1 of stdin, stdout, stderr');
  }
  return options;
}

const handlers: Record<string, Handler> = {
  async exec({ request, socket, head, url }, pod, container, { runtime }) {
    const options = streamOptions(url.searchParams);
    const command = url.searchParams.getAll('command');
    if (!command.length) throw newBadRequest('you must specify the command');
    const containerId = runningContainer(pod, container);
    await serveRemoteCommand(request, socket, head, options, {
      start: () => runtime.exec({ containerId, command, tty: options.tty, stdin: options.stdin }),
      failure: 'error executing command in container',
    });
  },

  async attach({ request, socket, head, url }, pod, container, { runtime }) {
    const options = streamOptions(url.searchParams);
    const containerId = runningContainer(pod, container);
    // Whether there is a terminal was settled when the process started (upstream: `kubelet_pods.go`, GetAttach).
    const { tty = false, stdinOnce = false } = containerSpec(pod, container);
    await serveRemoteCommand(request, socket, head, options, {
      start: () => runtime.attach({ containerId, tty, stdin: options.stdin, stdinOnce }),
      failure: 'error attaching to container',
    });
  },

  async portForward({ request, socket, head, url }, pod, _container, { runtime, pods }) {
    const sandboxId = pods.sandboxId(pod.metadata?.uid ?? '');
    if (!sandboxId) throw new StatusError(404, 'NotFound', `pod not found (${JSON.stringify(pod.metadata?.name)})`);
    const ports = url.searchParams
      .getAll('port')
      .flatMap((text) => text.split(','))
      .map(Number)
      .filter((port) => port > 0 && port < 65_536);
    await servePortForward(request, socket, head, ports, (port) => runtime.dial(sandboxId, port));
  },
};

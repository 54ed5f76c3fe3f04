/**
 * `log`, `exec`, `attach` and `portforward` of a pod: checks what is asked, and tunnels to the kubelet of its node. Upstream:
 * `pkg/registry/core/pod/strategy.go` (LogLocation, ExecLocation, …).
 */
import { Readable } from 'node:stream';
import { type Pod, pods } from '../../api/core/v1/pod';
import { newBadRequest } from '../../api/meta/status-error';
import type { ConnectHandler, ConnectRequest } from '../registry/connect';
import type { Loopback } from '../registry/loopback';
import type { KubeletBackends } from './kubelet-backend';
import { fetchBody, relay, type RelayTarget } from './relay';
import { sendOverWebSocket } from './websocket-stream';

const defaultContainerAnnotation = 'kubectl.kubernetes.io/default-container';

/** Pure: the container that is meant. Throws BadRequest in upstream's words. */
export function chooseContainer(pod: Pod, asked: string): string {
  const { containers = [], initContainers = [], ephemeralContainers = [] } = pod.spec ?? {};
  const name = pod.metadata?.name ?? '';
  const names = containers.map((container) => container.name);
  const initNames = initContainers.map((container) => container.name);
  if (asked) {
    const all = [...names, ...initNames, ...ephemeralContainers.map((container) => container.name)];
    if (!all.includes(asked)) throw newBadRequest(`container ${asked} is not valid for pod ${name}`);
    return asked;
  }
  const preferred = pod.metadata?.annotations?.[defaultContainerAnnotation];
  if (preferred && names.includes(preferred)) return preferred;
  if (names.length === 1) return names[0] ?? '';
  const init = initNames.length ? ` or one of the init containers: [${initNames.join(' ')}]` : '';
  throw newBadRequest(`a container name must be specified for pod ${name}, choose one of: [${names.join(' ')}]${init}`);
}

/** Query parameters that the kubelet knows by other names. */
const streamNames: Record<string, string> = { stdin: 'input', stdout: 'output', stderr: 'error', tty: 'tty' };
const isSet = (value: string | null): boolean => value === 'true' || value === '1';

function streamQuery(query: URLSearchParams): URLSearchParams {
  const result = new URLSearchParams();
  for (const [name, kubeletName] of Object.entries(streamNames)) {
    if (isSet(query.get(name))) result.set(kubeletName, '1');
  }
  for (const word of query.getAll('command')) result.append('command', word);
  return result;
}

const logParameters = [
  'follow',
  'previous',
  'sinceSeconds',
  'sinceTime',
  'tailLines',
  'limitBytes',
  'timestamps',
  'stream',
];

function logQuery(query: URLSearchParams): URLSearchParams {
  const number = (name: string, minimum: number): void => {
    const text = query.get(name);
    if (text !== null && !(Number.isInteger(Number(text)) && Number(text) >= minimum)) {
      throw newBadRequest(
        `${name}: Invalid value: ${JSON.stringify(text)}: must be greater than or equal to ${minimum}`,
      );
    }
  };
  number('tailLines', 0);
  number('limitBytes', 1);
  number('sinceSeconds', 1);
  const result = new URLSearchParams();
  for (const name of logParameters) {
    const value = query.get(name);
    if (value) result.set(name, value);
  }
  return result;
}

export interface PodStreamDeps {
  loopback: Loopback;
  kubelets: KubeletBackends;
}

export function createPodStreamHandlers({
  loopback,
  kubelets,
}: PodStreamDeps): Record<'log' | 'exec' | 'attach' | 'portforward', ConnectHandler> {
  const podOf = async ({ context, namespace, name }: ConnectRequest): Promise<Pod> =>
    (await loopback.stores.of(pods).get(context, namespace, name)).object;

  const targetOf = async (
    { namespace, name }: ConnectRequest,
    pod: Pod,
    verb: string,
    tail: string[],
    query: URLSearchParams,
  ): Promise<RelayTarget> => {
    const nodeName = pod.spec?.nodeName;
    if (!nodeName) throw newBadRequest(`pod ${name} does not have a host assigned`);
    const path = ['', verb, namespace, name, ...tail].map(encodeURIComponent).join('/');
    return { backend: await kubelets(nodeName), path: `${path}?${query.toString()}` };
  };

  const command =
    (verb: 'exec' | 'attach'): ConnectHandler =>
    async (connect) => {
      const pod = await podOf(connect);
      const container = chooseContainer(pod, connect.query.get('container') ?? '');
      await relay(connect, await targetOf(connect, pod, verb, [container], streamQuery(connect.query)));
    };

  return {
    exec: command('exec'),
    attach: command('attach'),
    async log(connect) {
      const pod = await podOf(connect);
      const container = chooseContainer(pod, connect.query.get('container') ?? '');
      const query = logQuery(connect.query);
      // A pod without a node has no log yet: kubectl prints nothing.
      if (!pod.spec?.nodeName) {
        if (connect.socket) return sendOverWebSocket(connect, Readable.from([]));
        connect.response?.writeHead(200, { 'content-type': 'text/plain' }).end();
        return;
      }
      const target = await targetOf(connect, pod, 'containerLogs', [container], query);
      if (connect.socket) return sendOverWebSocket(connect, await fetchBody(connect, target));
      await relay(connect, target);
    },
    async portforward(connect) {
      const query = new URLSearchParams();
      for (const port of connect.query.getAll('ports')) query.append('port', port);
      await relay(connect, await targetOf(connect, await podOf(connect), 'portForward', [], query));
    },
  };
}

/**
 * Calls webhooks of admission and conversion: one POST of a review over verified TLS, with a deadline over everything.
 * Redirects are not followed, and an answer cannot grow without bound. Messages are those of upstream's REST client.
 */
import https from 'node:https';
import type { IncomingMessage } from 'node:http';
import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import type { Clock } from '../component-base/clock';
import { readBounded, sendRequest } from './outgoing-request';
import { createServiceResolver, type ServiceResolver } from './service-resolver';
import type { Loopback } from './registry/loopback';
import { transportErrorMessage } from './transport-errors';
import { answerErrorMessage } from './webhook-errors';

/** `clientConfig` of webhook configurations and of `spec.conversion.webhook`. */
export interface WebhookClientConfig {
  url?: string;
  service?: { namespace: string; name: string; path?: string; port?: number };
  /** Base64 of a PEM bundle; without it the host's own authorities are trusted. */
  caBundle?: string;
}

export interface WebhookCallOptions {
  timeoutMs: number;
  /** Ends the call early, when nobody waits for its answer any more. */
  signal?: AbortSignal;
  maxResponseBytes?: number;
}

export interface WebhookClient {
  /** Posts `body` and gives the parsed answer. Throws WebhookCallError. */
  call(config: WebhookClientConfig, body: unknown, options: WebhookCallOptions): Promise<any>;
  close(): void;
}

/** The webhook gave no usable answer. `status` is there when it answered with an error code. */
export class WebhookCallError extends Error {
  override readonly name = 'WebhookCallError';

  constructor(
    message: string,
    readonly status?: { code: number; message: string },
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Where one call goes: `host` and `port` to connect to, and what stands in the request. */
interface Target {
  path: string;
  hostHeader: string;
  host: string;
  port: number;
  /** The name that the certificate must be for. */
  serverName: string;
}

const defaultMaxResponseBytes = 16 * 1024 * 1024;
const maxAgents = 256;

class DeadlineExceeded extends Error {}

export function createWebhookClient(deps: { loopback: Loopback; resolve?: ServiceResolver }): WebhookClient {
  const { clock } = deps.loopback;
  const resolve = deps.resolve ?? createServiceResolver(deps.loopback);
  const agents = new AgentPool();

  return {
    async call(config, body, options) {
      const { printed, locate } = targetOf(config, options.timeoutMs);
      try {
        const target = locate(resolve);
        const agent = agents.of(target.serverName, config.caBundle);
        return await post(target, agent, JSON.stringify(body), options, clock);
      } catch (cause) {
        if (cause instanceof WebhookCallError) throw cause;
        const reason = cause instanceof DeadlineExceeded ? 'context deadline exceeded' : transportErrorMessage(cause);
        throw new WebhookCallError(`Post ${JSON.stringify(printed)}: ${reason}`, undefined, { cause });
      }
    },
    close: () => agents.close(),
  };
}

/** Pure but for `locate`, which looks the Service up. Upstream: `webhook.ClientManager.HookClient`. */
function targetOf({ url: text, service }: WebhookClientConfig, timeoutMs: number) {
  const url = service ? new URL(`https://${service.name}.${service.namespace}.svc`) : parseUrl(text ?? '');
  if (service?.path) url.pathname = service.path;
  url.searchParams.set('timeout', `${Math.max(1, Math.round(timeoutMs / 1000))}s`);
  const port = service?.port ?? (Number(url.port) || 443);
  const path = `${url.pathname}${url.search}`;
  const serverName = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return {
    // URLs drop the default port; upstream prints it for services.
    printed: service ? `https://${serverName}:${port}${path}` : url.href,
    locate: (resolve: ServiceResolver): Target => {
      const address = service ? resolve(service.namespace, service.name, port) : { host: serverName, port };
      return { ...address, path, hostHeader: service ? `${serverName}:${port}` : url.host, serverName };
    },
  };
}

function parseUrl(text: string): URL {
  const url = URL.parse(text);
  if (!url || url.protocol !== 'https:') {
    throw new WebhookCallError(text ? `invalid webhook URL "${text}"` : 'must specify either a URL or a service');
  }
  return url;
}

/** One agent for each server name and bundle: connections are kept open, and never shared between different trust. */
class AgentPool {
  private readonly agents = new Map<string, https.Agent>();

  of(serverName: string, caBundle = ''): https.Agent {
    const key = `${serverName} ${createHash('sha256').update(caBundle).digest('base64')}`;
    let agent = this.agents.get(key);
    if (!agent) {
      agent = new https.Agent({
        keepAlive: true,
        minVersion: 'TLSv1.2',
        servername: isIP(serverName) ? '' : serverName,
        ...(caBundle && { ca: Buffer.from(caBundle, 'base64') }),
      });
      // Bundles are rotated and configurations deleted: the agent that was not used for longest goes.
      const [oldest] = this.agents.keys();
      if (this.agents.size >= maxAgents && oldest !== undefined) {
        this.agents.get(oldest)?.destroy();
        this.agents.delete(oldest);
      }
    }
    this.agents.delete(key);
    this.agents.set(key, agent);
    return agent;
  }

  close(): void {
    for (const agent of this.agents.values()) agent.destroy();
    this.agents.clear();
  }
}

async function post(
  target: Target,
  agent: https.Agent,
  payload: string,
  options: WebhookCallOptions,
  clock: Clock,
): Promise<unknown> {
  const abort = new AbortController();
  const cancel = clock.after(options.timeoutMs, () => abort.abort(new DeadlineExceeded()));
  const onAbort = (): void => abort.abort(new Error('context canceled'));
  options.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    if (options.signal?.aborted) onAbort();
    const answer = await sendRequest(requestTo(target, agent, payload, abort.signal), payload);
    const text = await readBounded(answer, options.maxResponseBytes ?? defaultMaxResponseBytes);
    return parseAnswer(answer, text);
  } catch (error) {
    throw abort.signal.aborted ? abort.signal.reason : error;
  } finally {
    cancel();
    options.signal?.removeEventListener('abort', onAbort);
  }
}

const requestTo = (
  { host, port, path, serverName, hostHeader }: Target,
  agent: https.Agent,
  payload: string,
  signal: AbortSignal,
): https.RequestOptions => ({
  method: 'POST',
  host,
  port,
  path,
  agent,
  servername: isIP(serverName) ? '' : serverName,
  signal,
  headers: {
    host: hostHeader,
    'content-type': 'application/json',
    accept: 'application/json, */*',
    'user-agent': 'kube-apiserver-admission',
    'content-length': Buffer.byteLength(payload),
  },
});

function parseAnswer({ statusCode: code = 0, headers }: IncomingMessage, text: string): unknown {
  if (code < 200 || code > 206) {
    const message = answerErrorMessage(code, headers['content-type'], text);
    throw new WebhookCallError(message, { code, message });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new WebhookCallError(`couldn't get version/kind; json parse error: ${(cause as Error).message}`, undefined, {
      cause,
    });
  }
}

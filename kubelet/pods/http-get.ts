/** An HTTP GET as probes and hooks send it: certificates are not checked, and redirects are followed on the same host only. */
import http from 'node:http';
import https from 'node:https';
import type { Container, HttpGetAction } from '../../api/core/v1/pod';

export interface HttpAnswer {
  /** That of a redirect when it leads to another host. */
  status: number;
  body: string;
}

export interface HttpTarget {
  scheme: 'http' | 'https';
  host: string;
  port: number;
  path: string;
  headers: [string, string][];
}

/** A port number, or the name of one of the container's ports. Throws as upstream, which takes any other name for a number. */
export function resolvePort(port: HttpGetAction['port'], container: Container): number {
  const text = String(port);
  if (/^\d+$/.test(text)) return Number(text);
  const named = container.ports?.find(({ name }) => name === text);
  if (!named) throw new Error(`strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
  return named.containerPort;
}

export function httpTarget(action: HttpGetAction, container: Container, podIp: string): HttpTarget {
  const path = action.path ?? '/';
  return {
    scheme: action.scheme === 'HTTPS' ? 'https' : 'http',
    host: action.host || podIp,
    port: resolvePort(action.port, container),
    path: path.startsWith('/') ? path : `/${path}`,
    headers: (action.httpHeaders ?? []).map(({ name, value }) => [name, value]),
  };
}

const maxRedirects = 10;
const maxBody = 10 * 1024;
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Rejects when there is no answer within the time, which all redirects share. Upstream: `RedirectChecker(false)`. */
export async function httpGet(target: HttpTarget, timeoutMs: number, userAgent: string): Promise<HttpAnswer> {
  const endsAtMs = performance.now() + timeoutMs;
  let at = target;
  for (let followed = 0; followed < maxRedirects; followed++) {
    const answer = await requestOnce(at, Math.max(1, endsAtMs - performance.now()), userAgent);
    const next = redirects.has(answer.status) && answer.location ? redirected(at, answer.location) : undefined;
    if (!next) return answer;
    at = next;
  }
  throw new Error(`Get "${urlOf(at)}": stopped after ${maxRedirects} redirects`);
}

const urlOf = ({ scheme, host, port, path }: HttpTarget): string => `${scheme}://${host}:${port}${path}`;

/** Undefined when it leads to another host. */
function redirected(from: HttpTarget, location: string): HttpTarget | undefined {
  const base = new URL(urlOf(from));
  const { protocol, hostname, port, pathname, search } = new URL(location, base);
  if (hostname !== base.hostname) return undefined;
  const scheme = protocol === 'https:' ? 'https' : 'http';
  return { ...from, scheme, port: Number(port) || (scheme === 'https' ? 443 : 80), path: `${pathname}${search}` };
}

/** Each request has its own connection, as a new client would. */
function requestOnce(
  target: HttpTarget,
  timeoutMs: number,
  userAgent: string,
): Promise<HttpAnswer & { location?: string }> {
  const headers: Record<string, string> = { 'User-Agent': userAgent, Accept: '*/*', Connection: 'close' };
  for (const [name, value] of target.headers) headers[name] = value;
  const { scheme, host, port, path } = target;
  return new Promise((resolve, reject) => {
    const options = { host, port, path, headers, agent: false as const, rejectUnauthorized: false };
    const request = (scheme === 'https' ? https : http).get(options, (response) => {
      let body = '';
      const answer = (): void => {
        clearTimeout(timer);
        const { location } = response.headers;
        resolve({ status: response.statusCode ?? 0, body, ...(location && { location }) });
        response.destroy();
      };
      response.on('data', (chunk: Buffer) => {
        body += chunk.toString('utf8').slice(0, maxBody - body.length);
        // What comes behind it, if it ever ends, changes nothing.
        if (body.length >= maxBody) answer();
      });
      response.once('error', finish);
      response.once('end', answer);
    });
    const finish = (error: Error): void => {
      clearTimeout(timer);
      reject(error);
    };
    const url = urlOf(target);
    const timer = setTimeout(() => {
      const text = `Get "${url}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`;
      request.destroy(new Error(text));
    }, timeoutMs);
    request.once('error', (error: NodeJS.ErrnoException) => {
      const refused = error.code === 'ECONNREFUSED';
      finish(refused ? new Error(`Get "${url}": dial tcp ${host}:${port}: connect: connection refused`) : error);
    });
  });
}

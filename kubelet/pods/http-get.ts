/** An HTTP GET as probes and hooks send it: certificates are not checked, redirects count as success for the caller to judge. */
import http from 'node:http';
import https from 'node:https';
import type { Container, HttpGetAction } from '../../api/core/v1/pod';

export interface HttpAnswer {
  status: number;
  body: string;
  location?: string;
}

export interface HttpTarget {
  scheme: 'http' | 'https';
  host: string;
  port: number;
  path: string;
  headers: [string, string][];
}

export class ProbeTargetError extends Error {
  override readonly name = 'ProbeTargetError';
}

/** A port number, or the name of one of the container's ports. */
export function resolvePort(port: HttpGetAction['port'], container: Container): number {
  const text = String(port);
  if (/^\d+$/.test(text)) return Number(text);
  const named = container.ports?.find(({ name }) => name === text);
  if (!named) throw new ProbeTargetError(`couldn't find port: ${text} in container ${container.name}`);
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

/** Rejects when there is no answer within the time. Each request has its own connection, as a new client would. */
export function httpGet(target: HttpTarget, timeoutMs: number, userAgent: string): Promise<HttpAnswer> {
  const headers: Record<string, string> = { 'User-Agent': userAgent, Accept: '*/*', Connection: 'close' };
  for (const [name, value] of target.headers) headers[name] = value;
  const { scheme, host, port, path } = target;
  return new Promise((resolve, reject) => {
    const options = { host, port, path, headers, agent: false as const, rejectUnauthorized: false };
    const request = (scheme === 'https' ? https : http).get(options, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => {
        if (body.length < 10_240) body += chunk.toString('utf8').slice(0, 10_240 - body.length);
      });
      response.once('error', finish);
      response.once('end', () => {
        clearTimeout(timer);
        const { location } = response.headers;
        resolve({ status: response.statusCode ?? 0, body, ...(location && { location }) });
      });
    });
    const finish = (error: Error): void => {
      clearTimeout(timer);
      reject(error);
    };
    const url = `${scheme}://${host}:${port}${path}`;
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

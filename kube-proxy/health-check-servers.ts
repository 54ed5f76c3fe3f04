/**
 * Tells load balancers, at the health check port of a Service, whether the node has endpoints of it. Upstream:
 * `pkg/proxy/healthcheck/service_health.go`.
 */
import { createServer, type Server, type ServerResponse } from 'node:http';
import { splitKey } from '../api/meta/types';
import type { HealthCheck } from './service-map';
import { bound } from './tcp-listener';

export interface HealthCheckDeps {
  bindAddress: string;
  /** The name of the place with that address. */
  placeAt(askedAddress: string): string;
  /** The proxy does its work. */
  isHealthy(): boolean;
}

interface OpenCheck {
  check: HealthCheck;
  server: Server;
}

export class HealthCheckServers {
  private readonly open = new Map<string, OpenCheck>();

  constructor(private readonly deps: HealthCheckDeps) {}

  /** Makes the answers for a Service (`namespace/name`) current. Rejects when the port cannot be had. */
  async sync(key: string, check: HealthCheck | undefined): Promise<void> {
    const before = this.open.get(key);
    if (before && before.check.port === check?.port) {
      before.check = check;
      return;
    }
    this.close(key);
    if (!check) return;
    const server = createServer((request, response) => {
      const place = this.deps.placeAt(request.socket.localAddress ?? '');
      this.answer(key, this.open.get(key)?.check.localEndpoints.get(place) ?? 0, response);
    });
    await bound(server, this.deps.bindAddress, check.port);
    server.on('error', () => {});
    this.open.set(key, { check, server });
  }

  private answer(key: string, localEndpoints: number, response: ServerResponse): void {
    const serviceProxyHealthy = this.deps.isHealthy();
    const { namespace, name } = splitKey(key);
    const body = JSON.stringify({ service: { namespace, name }, localEndpoints, serviceProxyHealthy }, undefined, '\t');
    response.writeHead(localEndpoints > 0 && serviceProxyHealthy ? 200 : 503, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'x-content-type-options': 'nosniff',
      'x-load-balancing-endpoint-weight': String(localEndpoints),
    });
    response.end(body);
  }

  private close(key: string): void {
    const { server } = this.open.get(key) ?? {};
    this.open.delete(key);
    server?.close();
    server?.closeAllConnections();
  }

  stop(): void {
    for (const key of [...this.open.keys()]) this.close(key);
  }
}

/** The connection to extension servers: who they are told to be, what is presented to them, and small documents of theirs. */
import type { OutgoingHttpHeaders } from 'node:http';
import https from 'node:https';
import type { ConnectionOptions } from 'node:tls';
import type { ApiService } from '../../api/apiregistration/v1/apiservice';
import type { Stored } from '../../api/meta/types';
import { readBounded, sendRequest } from '../outgoing-request';
import type { Backend } from '../proxy/relay';
import type { UserInfo } from '../request-context';
import type { ServiceResolver } from '../service-resolver';
import { remoteUserHeaders } from './request-headers';

/** The certificate with which this server proves that its `X-Remote-*` headers count (--proxy-client-cert-file). */
export interface ProxyClient {
  cert: Buffer;
  key: Buffer;
}

export interface ExtensionServers {
  /** Where to send a request for this APIService now. Throws a StatusError when nobody is there. */
  backendOf(apiService: Stored<ApiService>): Backend;
  /** Gets a document as the aggregator itself. `body` is parsed JSON. Rejects with an Error that says why there is none. */
  getJson(apiService: Stored<ApiService>, path: string, accept?: string): Promise<{ code: number; body: any }>;
  close(): void;
}

/** As whom the aggregator asks for discovery and OpenAPI documents (upstream's name). */
const aggregatorUser: UserInfo = { name: 'system:kube-aggregator', groups: ['system:masters'] };

const documentTimeoutMs = 6_000;
const maxDocumentBytes = 32 * 1024 * 1024;

export function createExtensionServers(resolve: ServiceResolver, proxyClient?: ProxyClient): ExtensionServers {
  const agents = new Map<string, { trust: string; agent: https.Agent }>();

  /** Connections are kept for as long as the trust that they were made with stays the same. */
  function agentOf({ metadata, spec }: Stored<ApiService>): https.Agent {
    const serverName = `${spec?.service?.name}.${spec?.service?.namespace}.svc`;
    const trust = JSON.stringify([serverName, spec?.caBundle, spec?.insecureSkipTLSVerify]);
    const known = agents.get(metadata.name);
    if (known?.trust === trust) return known.agent;
    known?.agent.destroy();
    const agent = new https.Agent({ keepAlive: true, ...tlsOf(serverName, spec) });
    agents.set(metadata.name, { trust, agent });
    return agent;
  }

  const tlsOf = (servername: string, spec: ApiService['spec']): ConnectionOptions => ({
    servername,
    minVersion: 'TLSv1.2',
    rejectUnauthorized: spec?.insecureSkipTLSVerify !== true,
    ...(spec?.caBundle && { ca: Buffer.from(spec.caBundle, 'base64') }),
    ...proxyClient,
  });

  function backendOf(apiService: Stored<ApiService>): Backend {
    const { name = '', namespace = '', port = 443 } = apiService.spec?.service ?? {};
    const serverName = `${name}.${namespace}.svc`;
    return {
      scheme: 'https',
      ...resolve(namespace, name, port),
      agent: agentOf(apiService),
      tls: tlsOf(serverName, apiService.spec),
      hostHeader: `${serverName}:${port}`,
    };
  }

  async function getJson(apiService: Stored<ApiService>, path: string, accept = 'application/json') {
    const { host, port, agent, tls, hostHeader } = backendOf(apiService);
    const headers: OutgoingHttpHeaders = { ...remoteUserHeaders(aggregatorUser), accept, host: hostHeader };
    const signal = AbortSignal.timeout(documentTimeoutMs);
    const answer = await sendRequest({ host, port, path, agent, ...tls, headers, signal });
    const text = await readBounded(answer, maxDocumentBytes);
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch {
      // A health page may be plain text: the code says enough.
    }
    return { code: answer.statusCode ?? 0, body };
  }

  return {
    backendOf,
    getJson,
    close() {
      for (const { agent } of agents.values()) agent.destroy();
      agents.clear();
    },
  };
}

/**
 * Requests for group versions that another API server serves, passed on with the user's name in headers. They were
 * authenticated and authorized here; the other server asks again on its own. Upstream: kube-aggregator
 * `pkg/apiserver/handler_proxy.go`.
 */
import { apiServices, type ApiService } from '../../api/apiregistration/v1/apiservice';
import { newServiceUnavailable } from '../../api/meta/status-error';
import type { Stored } from '../../api/meta/types';
import type { Metrics } from '../../component-base/metrics';
import type { Exchange } from '../endpoints/api-request';
import { relay, type Relayed } from '../proxy/relay';
import type { Loopback } from '../registry/loopback';
import type { UserInfo } from '../request-context';
import type { ServiceResolver } from '../service-resolver';
import { followAvailability } from './availability';
import { createExtensionServers, type ProxyClient } from './extension-server';
import { createRemoteDocuments, isAvailable, type RemoteVersion } from './remote-documents';
import { remoteUserHeaders } from './request-headers';

export interface Aggregator {
  /** Passes the request on if its path belongs to another server. Undefined: it is ours. */
  find(path: string): ((request: Relayed & Pick<Exchange, 'auditId'>, user: UserInfo) => Promise<void>) | undefined;
  /** What other servers serve, for discovery and OpenAPI: another array after every change. */
  remoteVersions(): readonly RemoteVersion[];
  /** Starts to look after the other servers, once the loopback has synced. */
  start(): void;
  close(): void;
}

export interface AggregatorDeps {
  loopback: Loopback;
  resolve: ServiceResolver;
  proxyClient?: ProxyClient;
  metrics: Metrics;
}

/** `/apis/<group>/<version>`, alone or with something below it. */
const groupVersionPath = /^\/apis\/([^/]+)\/([^/]+)(?:\/|$)/;

export function createAggregator({ loopback, resolve, proxyClient, metrics }: AggregatorDeps): Aggregator {
  const view = loopback.view(apiServices);
  const servers = createExtensionServers(resolve, proxyClient);
  const remote = new Map<string, Stored<ApiService>>();
  let documents: ReturnType<typeof createRemoteDocuments> | undefined;
  const file = (apiService: Stored<ApiService>): void => {
    const { name } = apiService.metadata;
    if (apiService.spec?.service) remote.set(name, apiService);
    else remote.delete(name);
  };
  view.addHandler({ add: file, update: file, delete: ({ metadata }) => void remote.delete(metadata.name) });

  metrics.gauge({
    name: 'aggregator_unavailable_apiservice',
    help: 'Gauge of APIServices which are marked as unavailable broken down by APIService name.',
    labels: ['name'],
    collect(gauge) {
      gauge.reset();
      for (const [name, apiService] of remote) gauge.set(isAvailable(apiService) ? 0 : 1, { name });
    },
  });

  return {
    find(path) {
      if (remote.size === 0) return undefined;
      const [, group, version] = groupVersionPath.exec(path) ?? [];
      const apiService = group && version ? remote.get(`${version}.${group}`) : undefined;
      if (!apiService) return undefined;
      return async (request, user) => {
        if (!isAvailable(apiService)) throw newServiceUnavailable('service unavailable');
        const backend = servers.backendOf(apiService);
        // Under the same id the other server's audit log goes on.
        const headers = { ...remoteUserHeaders(user), 'audit-id': request.auditId };
        await relay(request, { backend, path: request.request.url ?? path, headers });
      };
    },
    remoteVersions: () => documents?.versions() ?? [],
    start() {
      const all = (documents = createRemoteDocuments(loopback, servers));
      const refresh = ({ spec }: ApiService): void => {
        if (spec?.service) void all.refresh();
      };
      view.addHandler({ add: refresh, update: refresh, delete: refresh });
      followAvailability(loopback, servers);
    },
    close: () => servers.close(),
  };
}

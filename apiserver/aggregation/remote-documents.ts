/**
 * What extension servers say of themselves, kept to be merged into our discovery and OpenAPI: fetched when one becomes
 * available, and again every minute. Upstream: kube-aggregator `discovery_manager.go` and `controllers/openapiv3/aggregator`.
 */
import { type ApiService, apiServices } from '../../api/apiregistration/v1/apiservice';
import { deepEqual } from '../../api/meta/json';
import type { Stored } from '../../api/meta/types';
import { type CachedDocument, cachedDocument } from '../endpoints/discovery/documents';
import type { Loopback } from '../registry/loopback';
import type { ExtensionServers } from './extension-server';

/** One group version that another server serves. */
export interface RemoteVersion {
  group: string;
  version: string;
  /** Of its APIService: which group and version comes first. */
  groupPriority: number;
  versionPriority: number;
  /** Its entry in an APIGroupDiscovery: `version`, `resources`, `freshness`. */
  discovery: { version: string; resources: object[]; freshness: 'Current' | 'Stale' };
  /** OpenAPI v3 of this group version, if the server has one. */
  openApi?: CachedDocument;
}

const periodMs = 60_000;
const aggregatedType = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

interface LegacyResource {
  name: string;
  singularName?: string;
  namespaced?: boolean;
  kind: string;
  group?: string;
  version?: string;
  verbs: string[];
  shortNames?: string[];
  categories?: string[];
}

/** An APIResourceList as an entry of aggregated discovery. Pure. */
export function discoveryOfLegacy(group: string, version: string, list: { resources?: LegacyResource[] }): object[] {
  const all = list.resources ?? [];
  return all
    .filter(({ name }) => !name.includes('/'))
    .map((resource) => {
      const subresources = all
        .filter(({ name }) => name.startsWith(`${resource.name}/`))
        .map((sub) => ({
          subresource: sub.name.slice(resource.name.length + 1),
          responseKind: { group: sub.group ?? group, version: sub.version ?? version, kind: sub.kind },
          verbs: sub.verbs,
        }));
      return {
        resource: resource.name,
        responseKind: { group: resource.group ?? group, version: resource.version ?? version, kind: resource.kind },
        scope: resource.namespaced ? 'Namespaced' : 'Cluster',
        singularResource: resource.singularName ?? '',
        verbs: resource.verbs,
        ...(resource.shortNames && { shortNames: resource.shortNames }),
        ...(resource.categories && { categories: resource.categories }),
        ...(subresources.length && { subresources }),
      };
    });
}

export const isAvailable = ({ status }: ApiService): boolean =>
  status?.conditions?.some(({ type, status: state }) => type === 'Available' && state === 'True') ?? false;

export interface RemoteDocuments {
  /** By priority: another array after every change. */
  versions(): readonly RemoteVersion[];
  /** Fetches what changed; called when availability did. */
  refresh(): Promise<void>;
}

export function createRemoteDocuments(loopback: Loopback, servers: ExtensionServers): RemoteDocuments {
  const view = loopback.view(apiServices);
  let known: readonly RemoteVersion[] = [];
  let running: Promise<void> | undefined;
  let again = false;

  async function resourcesOf(apiService: Stored<ApiService>): Promise<object[]> {
    const { group = '', version = '' } = apiService.spec ?? {};
    const { code, body } = await servers.getJson(apiService, '/apis', `${aggregatedType}, application/json;q=0.9`);
    if (code === 200 && body?.kind === 'APIGroupDiscoveryList') {
      const item = body.items?.find((one: any) => one.metadata?.name === group);
      const found = item?.versions?.find((one: any) => one.version === version);
      if (found) return found.resources ?? [];
    }
    const legacy = await servers.getJson(apiService, `/apis/${group}/${version}`);
    if (legacy.code !== 200) throw new Error(`discovery of ${group}/${version} answered ${legacy.code}`);
    return discoveryOfLegacy(group, version, legacy.body ?? {});
  }

  async function openApiOf(apiService: Stored<ApiService>): Promise<CachedDocument | undefined> {
    const path = `apis/${apiService.spec?.group}/${apiService.spec?.version}`;
    try {
      const { code, body } = await servers.getJson(apiService, `/openapi/v3/${path}`);
      return code === 200 && body?.openapi ? cachedDocument(JSON.stringify(body)) : undefined;
    } catch {
      return undefined;
    }
  }

  async function fetch(apiService: Stored<ApiService>): Promise<RemoteVersion> {
    const { group = '', version = '', groupPriorityMinimum = 0, versionPriority = 0 } = apiService.spec ?? {};
    const previous = known.find((one) => one.group === group && one.version === version);
    const common = { group, version, groupPriority: groupPriorityMinimum, versionPriority };
    try {
      if (!isAvailable(apiService)) throw new Error('not available');
      const [resources, openApi] = await Promise.all([resourcesOf(apiService), openApiOf(apiService)]);
      return { ...common, discovery: { version, resources, freshness: 'Current' }, ...(openApi && { openApi }) };
    } catch {
      // Listed all the same, as upstream does, with what it last said.
      const stale = { version, resources: previous?.discovery.resources ?? [], freshness: 'Stale' as const };
      return { ...common, discovery: stale, ...(previous?.openApi && { openApi: previous.openApi }) };
    }
  }

  async function fetchAll(): Promise<void> {
    const next = await Promise.all(
      view
        .list()
        .filter(({ spec }) => spec?.service)
        .map(fetch),
    );
    next.sort(
      (a, b) =>
        b.groupPriority - a.groupPriority || a.group.localeCompare(b.group) || b.versionPriority - a.versionPriority,
    );
    if (!deepEqual(next.map(identity), known.map(identity))) known = next;
  }

  async function refresh(): Promise<void> {
    again = true;
    running ??= (async () => {
      while (again) {
        again = false;
        await fetchAll();
      }
    })().finally(() => (running = undefined));
    await running;
  }

  void (async () => {
    while (!loopback.signal.aborted) {
      await loopback.clock.sleep(periodMs, loopback.signal).catch(() => undefined);
      if (!loopback.signal.aborted) await refresh();
    }
  })();

  return { versions: () => known, refresh };
}

/** What makes a difference to readers. */
const identity = ({ openApi, ...rest }: RemoteVersion): object => ({ ...rest, etag: openApi?.etag ?? '' });

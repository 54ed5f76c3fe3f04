/** All discovery documents of one set of resources, serialized when first asked for. */
import { createHash } from 'node:crypto';
import type { ResourceDefinition } from '../../../api/meta/resource-definition';
import { apiGroupDiscoveryList, type DiscoveryVersion } from './aggregated';
import { catalogOf, withRemote } from './catalog';
import { apiGroup, apiGroupList, apiResourceList, apiVersions } from './legacy';

/** A group version of another server, with its entry in aggregated discovery. */
export interface RemoteGroupVersion {
  group: string;
  version: string;
  discovery: object;
}

/** Bytes to answer as they are, with the hash that an ETag quotes. */
export interface CachedDocument {
  bytes: Buffer;
  etag: string;
}

export interface DiscoveryDocuments {
  /** Legacy documents by path: `/api`, `/api/v1`, `/apis`, `/apis/apps`, `/apis/apps/v1`. */
  find(path: string): CachedDocument | undefined;
  /** What `/api` and `/apis` answer to clients that take aggregated discovery. */
  aggregated(path: '/api' | '/apis', version: DiscoveryVersion): CachedDocument;
  /** The paths, sorted, as `/` lists them. */
  paths(): string[];
}

/** Builds for these resources and those of other servers; make a new one when kinds come or go. */
export function buildDiscovery(
  resources: readonly ResourceDefinition[],
  serverAddress: string,
  remote: readonly RemoteGroupVersion[] = [],
): DiscoveryDocuments {
  const groups = withRemote(catalogOf(resources), remote);
  const core = groups.filter(({ name }) => name === '');
  const named = groups.filter(({ name }) => name !== '');
  const builders = new Map<string, () => object>([
    ['/api', () => apiVersions(serverAddress)],
    ['/apis', () => apiGroupList(groups)],
  ]);
  for (const group of groups) {
    const prefix = group.name ? `/apis/${group.name}` : '/api';
    if (group.name) builders.set(prefix, () => apiGroup(group));
    // What another server serves it describes itself.
    const own = group.versions.filter((version) => !version.remote);
    for (const version of own) builders.set(`${prefix}/${version.version}`, () => apiResourceList(version));
  }
  const cache = new Map<string, CachedDocument>();
  const cached = (key: string, build: () => object): CachedDocument => {
    const known = cache.get(key);
    if (known) return known;
    const document = cachedDocument(JSON.stringify(build()));
    cache.set(key, document);
    return document;
  };
  return {
    find: (path) => {
      const build = builders.get(path);
      return build && cached(path, build);
    },
    aggregated: (path, version) =>
      cached(`${path};${version}`, () => apiGroupDiscoveryList(path === '/api' ? core : named, version)),
    paths: () => [...builders.keys()].sort(),
  };
}

/** The document's bytes and their hash, upper-case hexadecimal as upstream's. */
export function cachedDocument(content: string | Uint8Array): CachedDocument {
  const bytes = Buffer.from(content as string);
  return { bytes, etag: createHash('sha512').update(bytes).digest('hex').toUpperCase() };
}

/** All discovery documents of one set of resources, serialized when first asked for. */
import { createHash } from 'node:crypto';
import type { ResourceDefinition } from '../../../api/meta/resource-definition';
import { apiGroupDiscoveryList, type DiscoveryVersion } from './aggregated';
import { catalogOf } from './catalog';
import { apiGroup, apiGroupList, apiResourceList, apiVersions } from './legacy';

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

/** Builds for these resources; make a new one when kinds come or go. */
export function buildDiscovery(resources: readonly ResourceDefinition[], serverAddress: string): DiscoveryDocuments {
  const groups = catalogOf(resources);
  const core = groups.filter(({ name }) => name === '');
  const named = groups.filter(({ name }) => name !== '');
  const builders = new Map<string, () => object>([
    ['/api', () => apiVersions(serverAddress)],
    ['/apis', () => apiGroupList(groups)],
  ]);
  for (const group of groups) {
    const prefix = group.name ? `/apis/${group.name}` : '/api';
    if (group.name) builders.set(prefix, () => apiGroup(group));
    for (const version of group.versions) builders.set(`${prefix}/${version.version}`, () => apiResourceList(version));
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

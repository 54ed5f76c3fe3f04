/** Discovery one document at a time: `/api`, `/apis`, `/apis/<group>` and `/apis/<group>/<version>`. */
import { createHash } from 'node:crypto';
import type { ResourceDefinition } from '../../../api/meta/resource-definition';
import { type CatalogGroup, type CatalogVersion, type Subresource, subresourcesOf } from './catalog';
import type { ServedResource } from '../served-resource';

/** `/api`. `serverAddress` is what clients outside reach: `192.0.2.1:6443`. */
export const apiVersions = (serverAddress: string): object => ({
  kind: 'APIVersions',
  versions: ['v1'],
  serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
});

/** `/apis`. The core group is not among them. */
export const apiGroupList = (groups: readonly CatalogGroup[]): object => ({
  kind: 'APIGroupList',
  apiVersion: 'v1',
  groups: groups.filter(({ name }) => name !== '').map(groupFields),
});

/** `/apis/<group>`. */
export const apiGroup = (group: CatalogGroup): object => ({
  kind: 'APIGroup',
  apiVersion: 'v1',
  ...groupFields(group),
});

function groupFields({ name, versions }: CatalogGroup): object {
  const listed = versions.map(({ apiVersion, version }) => ({ groupVersion: apiVersion, version }));
  return { name, versions: listed, preferredVersion: listed[0] };
}

/** `/api/v1` and `/apis/<group>/<version>`. Only the former has no apiVersion, since ever. */
export const apiResourceList = ({ group, apiVersion, resources }: CatalogVersion): object => ({
  kind: 'APIResourceList',
  ...(group && { apiVersion: 'v1' }),
  groupVersion: apiVersion,
  resources: resources.flatMap((resource) => [
    apiResource(resource),
    ...subresourcesOf(resource).map((subresource) => apiSubresource(resource, subresource)),
  ]),
});

function apiResource({ definition, plural, kind }: ServedResource): object {
  const { names, namespaced, verbs } = definition;
  return {
    name: plural,
    singularName: names.singular,
    namespaced,
    kind,
    verbs,
    ...(names.shortNames && { shortNames: names.shortNames }),
    ...(names.categories && { categories: names.categories }),
    // What is never stored has no storage version.
    ...(verbs.includes('watch') && { storageVersionHash: storageVersionHash(definition) }),
  };
}

const apiSubresource = ({ plural, definition }: ServedResource, subresource: Subresource): object => ({
  name: `${plural}/${subresource.name}`,
  singularName: '',
  namespaced: definition.namespaced,
  ...(subresource.foreign && { group: subresource.group, version: subresource.version }),
  kind: subresource.kind,
  verbs: subresource.verbs,
});

/** The first bytes of a hash over the stored kind, as upstream's `discovery.StorageVersionHash`. */
const storageVersionHash = ({ group, version, kind, custom }: ResourceDefinition): string =>
  createHash('sha256')
    .update(`${group}/${custom?.storageVersion ?? version}/${kind}`)
    .digest()
    .subarray(0, 8)
    .toString('base64');

/**
 * Aggregated discovery: everything served at `/api` or `/apis` in one document, `apidiscovery.k8s.io/v2`. v2beta1 has the
 * same fields.
 */
import { type CatalogGroup, subresourcesOf } from './catalog';
import type { ServedResource } from '../served-resource';

export type DiscoveryVersion = 'v2' | 'v2beta1';

/** The groups as given: the core group alone for `/api`, the others for `/apis`. */
export const apiGroupDiscoveryList = (groups: readonly CatalogGroup[], version: DiscoveryVersion = 'v2'): object => ({
  kind: 'APIGroupDiscoveryList',
  apiVersion: `apidiscovery.k8s.io/${version}`,
  metadata: {},
  items: groups.map(({ name, versions }) => ({
    metadata: { ...(name && { name }), creationTimestamp: null },
    versions: versions.map(
      (served) =>
        served.remote ?? {
          version: served.version,
          resources: served.resources.map(resourceDiscovery),
          freshness: 'Current',
        },
    ),
  })),
});

function resourceDiscovery(resource: ServedResource): object {
  const { definition, group, version, kind, plural } = resource;
  const { names, scope, verbs } = definition;
  const subresources = subresourcesOf(resource).map((subresource) => ({
    subresource: subresource.name,
    responseKind: { group: subresource.group, version: subresource.version, kind: subresource.kind },
    verbs: subresource.verbs,
  }));
  return {
    resource: plural,
    responseKind: { group, version, kind },
    scope,
    singularResource: names.singular,
    verbs,
    ...(names.shortNames && { shortNames: names.shortNames }),
    ...(names.categories && { categories: names.categories }),
    ...(subresources.length && { subresources }),
  };
}

/** Which discovery an Accept header asks for first. */
export function negotiateDiscovery(accept: string | undefined): DiscoveryVersion | 'legacy' {
  const clauses = (accept ?? '').split(',').map((clause) => clause.split(';').map((part) => part.trim().toLowerCase()));
  for (const [type, ...params] of clauses) {
    if (type !== 'application/json') continue;
    const isAggregated = params.includes('g=apidiscovery.k8s.io') && params.includes('as=apigroupdiscoverylist');
    if (!isAggregated) return 'legacy';
    if (params.includes('v=v2')) return 'v2';
    if (params.includes('v=v2beta1')) return 'v2beta1';
  }
  return 'legacy';
}

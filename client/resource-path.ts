/** Paths and queries of the API. */
import type { ResourceDefinition } from '../api/meta/resource-definition';

/** `/api/v1/namespaces/default/pods/web/log`. Without a name the collection, without a namespace across all of them. */
export function resourcePath(
  { group, version, names, namespaced }: ResourceDefinition,
  options: { namespace?: string | undefined; name?: string; subresource?: string } = {},
): string {
  const parts = [group ? `/apis/${group}/${version}` : `/api/${version}`];
  if (namespaced && options.namespace) parts.push('namespaces', encodeURIComponent(options.namespace));
  parts.push(names.plural);
  if (options.name !== undefined) parts.push(encodeURIComponent(options.name));
  if (options.subresource) parts.push(options.subresource);
  return parts.join('/');
}

export type Query = Record<string, string | number | boolean | undefined>;

/** `?a=1&b=2`, leaving out what is undefined; '' when nothing is left. */
export function queryString(query: Query = {}): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value !== undefined) params.append(key, String(value));
  const text = params.toString();
  return text ? `?${text}` : '';
}

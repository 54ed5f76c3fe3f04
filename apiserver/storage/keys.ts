/** Where objects live in etcd. Every prefix ends with a slash, so that no resource or namespace is a prefix of another. */
import type { ResourceDefinition } from '../../api/meta/resource-definition';

/** Everything kubelab writes to etcd is below this, so that one watch sees every revision. */
export const registryRoot = '/registry/';

/** `/registry/core/pods/`, `/registry/apps/deployments/`. */
export const resourcePrefix = (definition: ResourceDefinition): string =>
  `${registryRoot}${definition.group || 'core'}/${definition.names.plural}/`;

/** The resource prefix of an etcd key, or undefined for keys that hold no object. */
export function prefixOfKey(etcdKey: string): string | undefined {
  const group = etcdKey.indexOf('/', registryRoot.length);
  const resource = group < 0 ? -1 : etcdKey.indexOf('/', group + 1);
  return resource < 0 ? undefined : etcdKey.slice(0, resource + 1);
}

/** The first key after all keys that begin with `prefix` (ASCII, as all of ours are at the end). */
export const endOfPrefix = (prefix: string): string =>
  prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);

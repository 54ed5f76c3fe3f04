/** Reads for plugins: the local copy first, etcd when the object is not in it (yet). */
import type { ResourceDefinition } from '../../api/meta/resource-definition';
import { isNotFound } from '../../api/meta/status-error';
import type { KubeObject, Stored } from '../../api/meta/types';
import type { Loopback } from '../registry/loopback';

/** Gives undefined when the object does not exist. `namespace` is '' for cluster-scoped kinds. */
export type LookUp<T extends KubeObject> = (namespace: string, name: string) => Promise<Stored<T> | undefined>;

export function lookUpOf<T extends KubeObject>(loopback: Loopback, definition: ResourceDefinition<T>): LookUp<T> {
  const view = loopback.view(definition);
  return async (namespace, name) => {
    const seen = view.get(namespace ? `${namespace}/${name}` : name);
    return seen ?? readLive(loopback, definition, namespace, name);
  };
}

/** What etcd holds now. */
export async function readLive<T extends KubeObject>(
  loopback: Loopback,
  definition: ResourceDefinition<T>,
  namespace: string,
  name: string,
): Promise<Stored<T> | undefined> {
  try {
    return (await loopback.stores.of(definition).get(loopback.context, namespace, name)).object;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

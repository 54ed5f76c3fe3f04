/** Reads for what decides over requests: the local copy first, etcd when the object is not in it (yet). */
import type { ResourceDefinition } from '../../api/meta/resource-definition';
import { isNotFound } from '../../api/meta/status-error';
import type { KubeObject, Stored } from '../../api/meta/types';
import type { Loopback } from './loopback';

/**
 * Gives undefined when the object does not exist, or is not the one that `fits`. `namespace` is '' for cluster-scoped kinds. A
 * copy that does not fit may be a moment behind: it is read again.
 */
export type LookUp<T extends KubeObject> = (
  namespace: string,
  name: string,
  fits?: (object: Stored<T>) => boolean,
) => Promise<Stored<T> | undefined>;

/** Asks for the view of the kind, which then fills with the others at the start of the server. */
export function lookUpOf<T extends KubeObject>(loopback: Loopback, definition: ResourceDefinition<T>): LookUp<T> {
  const view = loopback.view(definition);
  return async (namespace, name, fits = () => true) => {
    const seen = view.get(namespace ? `${namespace}/${name}` : name);
    if (seen && fits(seen)) return seen;
    const live = await readLive(loopback, definition, namespace, name);
    return live && fits(live) ? live : undefined;
  };
}

/** What etcd holds now; undefined when the object does not exist. */
export async function readLive<T extends KubeObject>(
  loopback: Loopback,
  definition: ResourceDefinition<T>,
  namespace: string,
  name: string,
): Promise<Stored<T> | undefined> {
  return (await foundOrUndefined(loopback.stores.of(definition).get(loopback.context, namespace, name)))?.object;
}

/** What `reading` gives; undefined when it rejects with NotFound. */
export async function foundOrUndefined<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

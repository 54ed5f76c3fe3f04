/** Writes objects the cluster cannot be without: makes what is missing and mends what differs, through the stores. */
import type { ResourceDefinition } from '../../api/meta/resource-definition';
import { cloneJson, deepEqual } from '../../api/meta/json';
import { isAlreadyExists, isConflict, isNotFound } from '../../api/meta/status-error';
import type { KubeObject, Stored } from '../../api/meta/types';
import type { Loopback } from '../registry/loopback';

const attempts = 5;

/**
 * Creates `wanted`, or lets `mend` edit a copy of what is there and writes it if that changed something. Without `mend`, what is
 * there stays. Gives the object as it is now.
 */
export async function ensure<T extends KubeObject>(
  loopback: Loopback,
  definition: ResourceDefinition<T>,
  wanted: T,
  mend?: (current: T) => void,
): Promise<Stored<T>> {
  const store = loopback.stores.of(definition);
  const { namespace = '', name = '' } = wanted.metadata ?? {};
  for (let attempt = 1; ; attempt++) {
    try {
      const { object } = await store.get(loopback.context, namespace, name);
      const next = cloneJson(object) as T;
      mend?.(next);
      if (deepEqual(next, object)) return object;
      const result = await store.update(loopback.context, namespace, name, () => next);
      return result.entry.object;
    } catch (error) {
      if (isConflict(error) && attempt < attempts) continue;
      if (!isNotFound(error)) throw error;
    }
    try {
      const filled = { apiVersion: definition.apiVersion, kind: definition.kind, ...cloneJson(wanted) };
      return (await store.create(loopback.context, namespace, filled)).object;
    } catch (error) {
      if (!isAlreadyExists(error) || attempt >= attempts) throw error;
    }
  }
}

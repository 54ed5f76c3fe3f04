/** A loopback whose views hold given objects, for unit tests of what reads them. Live reads see the same objects. */
import type { ResourceDefinition } from '../../api/meta/resource-definition';
import { newNotFound } from '../../api/meta/status-error';
import { keyOf, type KubeObject, type Stored } from '../../api/meta/types';
import { systemClock, type Clock } from '../../component-base/clock';
import { createLogger } from '../../component-base/logger';
import { createLoopback, type Loopback } from '../../apiserver/registry/loopback';
import type { Stores } from '../../apiserver/registry/store';
import type { RequestContext, UserInfo } from '../../apiserver/request-context';

export interface TestLoopback extends Loopback {
  /** Adds or replaces an object in its view, with a uid and a resourceVersion if it has none. */
  put<T extends KubeObject>(definition: ResourceDefinition<T>, object: T): Stored<T>;
  remove(definition: ResourceDefinition, key: string): void;
  contextOf(user: UserInfo): RequestContext;
}

export function createTestLoopback(clock: Clock = systemClock): TestLoopback {
  const loopback = createLoopback({
    clock,
    log: createLogger('test', -1),
    signal: new AbortController().signal,
  });
  const stores = {
    of: (definition: ResourceDefinition) => ({
      definition,
      get: (_context: RequestContext, namespace: string, name: string) => {
        const key = namespace ? `${namespace}/${name}` : name;
        const object = loopback.view(definition).get(key);
        const resource = { group: definition.group, resource: definition.names.plural };
        return object ? Promise.resolve({ object }) : Promise.reject(newNotFound(resource, name));
      },
    }),
  } as unknown as Stores;
  loopback.attach({ stores, storageOf: () => Promise.reject(new Error('no storage here')) as never });
  let made = 0;
  return Object.assign(Object.create(loopback) as Loopback, {
    put<T extends KubeObject>(definition: ResourceDefinition<T>, object: T): Stored<T> {
      made++;
      const stored = {
        ...object,
        metadata: { uid: `uid-${made}`, ...object.metadata, resourceVersion: String(made) },
      } as Stored<T>;
      loopback.view(definition).apply(keyOf(stored), stored);
      return stored;
    },
    remove(definition: ResourceDefinition, key: string) {
      loopback.view(definition).apply(key, undefined);
    },
    contextOf: (user: UserInfo): RequestContext => ({ ...loopback.context, user }),
  });
}

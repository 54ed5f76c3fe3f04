/**
 * How controllers find what belongs to them: an index of objects by their controller, and the keys of the controllers that
 * a change concerns. Upstream: `addPodControllerIndexer` and the add, update and delete handlers of the workload controllers.
 */
import type { ResourceDefinition } from '../../api/meta/resource-definition';
import { getControllerOf } from '../../api/meta/controller-ref';
import { deepEqual } from '../../api/meta/json';
import { selectorFromLabelSelector } from '../../api/meta/selectors';
import { keyOf, type KubeObject, type LabelSelector, type Stored } from '../../api/meta/types';
import type { ControllerDeps, Enqueue } from '../../client/controller';
import type { Informer, Lister } from '../../client/informer';

export const controllerIndex = 'controllerUid';

const orphansOf = (namespace: string | undefined): string => `orphans/${namespace ?? ''}`;

/** Files every object under its controller's UID, or under the orphans of its namespace. */
export function indexByController<T extends KubeObject>(informer: Informer<T>): Lister<T> {
  informer.addIndex(controllerIndex, (object) => [
    getControllerOf(object)?.uid ?? orphansOf(object.metadata?.namespace),
  ]);
  return informer.lister;
}

/** What `owner` controls and the orphans of its namespace, which it may adopt. */
export function ownedOrOrphan<T extends KubeObject>(lister: Lister<T>, owner: Stored<KubeObject>): Stored<T>[] {
  return [
    ...lister.byIndex(controllerIndex, owner.metadata.uid),
    ...lister.byIndex(controllerIndex, orphansOf(owner.metadata.namespace)),
  ];
}

type Selecting = KubeObject & { spec?: { selector?: LabelSelector } };

/**
 * Keys of the controllers of kind `owners` that a changed object concerns: its controller, the one it had before and, for
 * an orphan that is new or changed its labels, all whose selector matches.
 */
export function enqueueOwnerOrSelecting<T extends Selecting>(
  owners: ResourceDefinition<T>,
): Enqueue<KubeObject, ControllerDeps> {
  return (object, old, deps) => {
    const lister = deps.informers.informer(owners).lister;
    const keys = new Set<string>();
    const addOwnerOf = (dependent: Stored<KubeObject>): boolean => {
      const ref = getControllerOf(dependent);
      if (!ref) return false;
      if (ref.kind !== owners.kind || groupOf(ref.apiVersion) !== owners.group) return true;
      const key = `${dependent.metadata.namespace}/${ref.name}`;
      if (lister.get(key)?.metadata.uid === ref.uid) keys.add(key);
      return true;
    };
    if (old) addOwnerOf(old);
    if (addOwnerOf(object) || object.metadata.deletionTimestamp) return keys;
    if (old && deepEqual(old.metadata.labels, object.metadata.labels) && !getControllerOf(old)) return keys;
    for (const owner of lister.list({ namespace: object.metadata.namespace })) {
      const selector = selectorFromLabelSelector(owner.spec?.selector);
      if (!selector.isEmpty && selector.matches(object.metadata.labels)) keys.add(keyOf(owner));
    }
    return keys;
  };
}

/** `apps` of `apps/v1`; '' of `v1`. */
export const groupOf = (apiVersion: string): string =>
  apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';

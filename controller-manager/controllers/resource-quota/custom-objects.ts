/** Counts the objects of kinds that were added at run time, by namespace. */
import { countNameOf } from '../../../api/core/v1/resourcequota/usage';
import type { ResourceDefinition } from '../../../api/meta/resource-definition';
import type { KubeObject, Stored } from '../../../api/meta/types';

export class CustomObjects {
  private readonly uids = new Map<string, Set<string>>();

  add(definition: ResourceDefinition, { metadata }: Stored<KubeObject>): void {
    const key = keyOf(nameOf(definition), metadata.namespace ?? '');
    const uids = this.uids.get(key);
    if (uids) uids.add(metadata.uid);
    else this.uids.set(key, new Set([metadata.uid]));
  }

  remove(definition: ResourceDefinition, { metadata }: Stored<KubeObject>): void {
    const key = keyOf(nameOf(definition), metadata.namespace ?? '');
    const uids = this.uids.get(key);
    if (uids?.delete(metadata.uid) && uids.size === 0) this.uids.delete(key);
  }

  /** `name` is that of a limit: `count/widgets.example.com`. */
  count(name: string, namespace: string): number {
    return this.uids.get(keyOf(name, namespace))?.size ?? 0;
  }
}

const nameOf = ({ group, names }: ResourceDefinition): string => countNameOf({ group, resource: names.plural });
const keyOf = (name: string, namespace: string): string => `${namespace}/${name}`;

/** Owners known to be gone, so that the children of one owner do not each ask for it. Upstream: `ReferenceCache`. */
import type { OwnerReference } from '../../../api/meta/types';

/** A UID never comes back, but a reference may describe it wrongly: the whole description is remembered. */
const keyOf = (namespace: string | undefined, ref: OwnerReference): string =>
  [ref.apiVersion, ref.kind, namespace ?? '', ref.name, ref.uid].join('\0');

export class AbsentOwners {
  /** In order of use: the first is dropped first. */
  private readonly keys = new Set<string>();

  constructor(private readonly capacity = 500) {}

  add(namespace: string | undefined, ref: OwnerReference): void {
    const key = keyOf(namespace, ref);
    this.keys.delete(key);
    this.keys.add(key);
    if (this.keys.size > this.capacity) this.keys.delete(this.keys.values().next().value!);
  }

  has(namespace: string | undefined, ref: OwnerReference): boolean {
    const key = keyOf(namespace, ref);
    if (!this.keys.delete(key)) return false;
    this.keys.add(key);
    return true;
  }
}

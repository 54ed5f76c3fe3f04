/**
 * The cached objects of one resource: by key, in key order by namespace, and by the selectable fields that readers use.
 */
import type { ResourceDefinition } from '../../api/meta/resource-definition';
import type { KubeObject } from '../../api/meta/types';
import type { StoredEntry } from './cached-object';
import { fieldOf, type Selection } from './selection';

type Entry<T extends KubeObject> = StoredEntry<T>;

/** Position of the first entry whose key is not below `key`. */
function lowerBound(entries: readonly { key: string }[], key: string): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (entries[middle]!.key < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

const byKey = (a: { key: string }, b: { key: string }): number => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);

export class ObjectIndex<T extends KubeObject> {
  private readonly entries = new Map<string, Entry<T>>();
  /** Sorted; one list per namespace, '' for cluster-scoped kinds. Keyed by what keys begin with. */
  private readonly sorted = new Map<string, Entry<T>[]>();
  private readonly fields = new Map<string, Map<string, Map<string, Entry<T>>>>();

  constructor(private readonly definition: ResourceDefinition<T>) {}

  get size(): number {
    return this.entries.size;
  }

  get(key: string): Entry<T> | undefined {
    return this.entries.get(key);
  }

  /** Adds or replaces; gives what was there before. */
  set(entry: Entry<T>): Entry<T> | undefined {
    const previous = this.entries.get(entry.key);
    this.entries.set(entry.key, entry);
    const prefix = this.prefixOf(entry.key);
    let list = this.sorted.get(prefix);
    if (!list) this.sorted.set(prefix, (list = []));
    if (!previous && (!list.length || list.at(-1)!.key < entry.key)) list.push(entry);
    else list.splice(lowerBound(list, entry.key), previous ? 1 : 0, entry);
    for (const [field, values] of this.fields) {
      if (previous) this.unindex(values, fieldOf(this.definition, previous, field), previous.key);
      this.index(values, fieldOf(this.definition, entry, field), entry);
    }
    return previous;
  }

  delete(key: string): Entry<T> | undefined {
    const previous = this.entries.get(key);
    if (!previous) return undefined;
    this.entries.delete(key);
    const prefix = this.prefixOf(key);
    const list = this.sorted.get(prefix)!;
    list.splice(lowerBound(list, key), 1);
    if (!list.length) this.sorted.delete(prefix);
    for (const [field, values] of this.fields) {
      this.unindex(values, fieldOf(this.definition, previous, field), key);
    }
    return previous;
  }

  /**
   * Entries in key order that may match the selection: its namespace or an index have narrowed them, its selectors have yet
   * to be applied. The array is the caller's.
   */
  candidates(selection: Selection<T>): Entry<T>[] {
    const { namespace } = selection;
    const narrowing = this.narrowing(selection);
    if (narrowing?.field === 'metadata.name') {
      const entry = this.entries.get(namespace ? `${namespace}/${narrowing.value}` : narrowing.value);
      return entry ? [entry] : [];
    }
    if (narrowing) return [...(this.indexOf(narrowing.field).get(narrowing.value)?.values() ?? [])].sort(byKey);
    if (namespace) return [...(this.sorted.get(`${namespace}/`) ?? [])];
    const prefixes = [...this.sorted.keys()].sort();
    return prefixes.length === 1 ? [...this.sorted.get(prefixes[0]!)!] : prefixes.flatMap((p) => this.sorted.get(p)!);
  }

  /** The first requirement of the selection that names one object or has an index. */
  narrowing({ equals, namespace }: Selection<T>): Selection<T>['equals'][number] | undefined {
    const { namespaced, selectableFields } = this.definition;
    return equals.find(({ field }) =>
      field === 'metadata.name' ? namespace !== '' || !namespaced : selectableFields?.[field] !== undefined,
    );
  }

  private prefixOf(key: string): string {
    return key.slice(0, key.indexOf('/') + 1);
  }

  /** Indexes come into being with their first reader. */
  private indexOf(field: string): Map<string, Map<string, Entry<T>>> {
    let values = this.fields.get(field);
    if (!values) {
      this.fields.set(field, (values = new Map()));
      for (const entry of this.entries.values()) this.index(values, fieldOf(this.definition, entry, field), entry);
    }
    return values;
  }

  private index(values: Map<string, Map<string, Entry<T>>>, value: string, entry: Entry<T>): void {
    const bucket = values.get(value);
    if (bucket) bucket.set(entry.key, entry);
    else values.set(value, new Map([[entry.key, entry]]));
  }

  private unindex(values: Map<string, Map<string, Entry<T>>>, value: string, key: string): void {
    const bucket = values.get(value);
    bucket?.delete(key);
    if (bucket?.size === 0) values.delete(value);
  }
}

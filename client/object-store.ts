/** The cache behind an informer: objects by key, filed under indexes, read-only to everyone else. */
import type { Selector } from '../api/meta/selectors';
import { keyOf, type KubeObject, type Stored } from '../api/meta/types';
import type { Lister } from './informer';

interface Index {
  values(object: KubeObject): string[];
  keys: Map<string, Set<string>>;
}

/** Every store files its objects by namespace. */
const namespaceIndex = 'namespace';

export class ObjectStore<T extends KubeObject> implements Lister<T> {
  private readonly objects = new Map<string, Stored<T>>();
  private readonly indexes = new Map<string, Index>();

  constructor() {
    this.addIndex(namespaceIndex, (object) => [object.metadata?.namespace ?? '']);
  }

  addIndex(name: string, values: (object: T) => string[]): void {
    const index: Index = { values: values, keys: new Map() };
    this.indexes.set(name, index);
    for (const [key, object] of this.objects) file(index, key, object);
  }

  get size(): number {
    return this.objects.size;
  }

  keys(): Iterable<string> {
    return this.objects.keys();
  }

  get(key: string): Stored<T> | undefined {
    return this.objects.get(key);
  }

  list({ namespace, selector }: { namespace?: string; selector?: Selector } = {}): Stored<T>[] {
    const all = namespace ? this.byIndex(namespaceIndex, namespace) : [...this.objects.values()];
    return selector ? all.filter((object) => selector.matches(object.metadata.labels)) : all;
  }

  byIndex(name: string, value: string): Stored<T>[] {
    const index = this.indexes.get(name);
    if (!index) throw new Error(`no index "${name}" in this informer`);
    return [...(index.keys.get(value) ?? [])].map((key) => this.objects.get(key) as Stored<T>);
  }

  /** Stores an object; gives the one it replaces. */
  set(object: Stored<T>): Stored<T> | undefined {
    const key = keyOf(object);
    const old = this.objects.get(key);
    this.objects.set(key, object);
    for (const index of this.indexes.values()) {
      if (old) unfile(index, key, old);
      file(index, key, object);
    }
    return old;
  }

  /** Removes by key; gives what was there. */
  remove(key: string): Stored<T> | undefined {
    const old = this.objects.get(key);
    if (!old) return undefined;
    this.objects.delete(key);
    for (const index of this.indexes.values()) unfile(index, key, old);
    return old;
  }
}

function file(index: Index, key: string, object: KubeObject): void {
  for (const value of index.values(object)) {
    const keys = index.keys.get(value);
    if (keys) keys.add(key);
    else index.keys.set(value, new Set([key]));
  }
}

function unfile(index: Index, key: string, object: KubeObject): void {
  for (const value of index.values(object)) {
    const keys = index.keys.get(value);
    keys?.delete(key);
    if (keys?.size === 0) index.keys.delete(value);
  }
}

/**
 * Which live watchers an event may concern, found without asking each: watchers of one field value (the pods of a node), of
 * one namespace, and all others. Upstream's cacher calls these triggers.
 */
import type { ResourceDefinition } from '../../api/meta/resource-definition';
import type { KubeObject } from '../../api/meta/types';
import type { CacheWatcher } from './cache-watcher';
import type { CacheEvent } from './event-window';
import { fieldOf } from './selection';

export class WatcherIndex<T extends KubeObject> {
  private readonly buckets = new Map<string, Map<string, Set<CacheWatcher<T>>>>();
  private readonly placeOf = new Map<CacheWatcher<T>, { field: string; value: string }>();

  get size(): number {
    return this.placeOf.size;
  }

  add(watcher: CacheWatcher<T>): void {
    const { equals, namespace } = watcher.selection;
    const place =
      equals[0] ?? (namespace ? { field: 'metadata.namespace', value: namespace } : { field: '', value: '' });
    this.placeOf.set(watcher, place);
    let values = this.buckets.get(place.field);
    if (!values) this.buckets.set(place.field, (values = new Map()));
    const watchers = values.get(place.value);
    if (watchers) watchers.add(watcher);
    else values.set(place.value, new Set([watcher]));
  }

  delete(watcher: CacheWatcher<T>): void {
    const place = this.placeOf.get(watcher);
    if (!place) return;
    this.placeOf.delete(watcher);
    const values = this.buckets.get(place.field)!;
    const watchers = values.get(place.value)!;
    watchers.delete(watcher);
    if (!watchers.size) values.delete(place.value);
    if (!values.size) this.buckets.delete(place.field);
  }

  all(): CacheWatcher<T>[] {
    return [...this.placeOf.keys()];
  }

  forEachInterested(
    definition: ResourceDefinition<T>,
    { entry, previous }: CacheEvent<T>,
    visit: (watcher: CacheWatcher<T>) => void,
  ): void {
    for (const [field, values] of this.buckets) {
      const value = field ? fieldOf(definition, entry, field) : '';
      values.get(value)?.forEach(visit);
      const before = field && previous ? fieldOf(definition, previous, field) : value;
      if (before !== value) values.get(before)?.forEach(visit);
    }
  }
}

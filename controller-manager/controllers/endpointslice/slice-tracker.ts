/**
 * The slices this process has written and may not see in its cache yet: planning from an older state would create them
 * twice. Upstream: `EndpointSliceTracker`.
 */
import type { EndpointSlice } from '../../../api/discovery/v1/endpointslice';
import type { Lister } from '../../../client/informer';
import { keyOf, type Stored } from '../../../api/meta/types';

interface Written {
  key: string;
  resourceVersion: number;
}

export class SliceTracker {
  /** By Service key, then slice UID. */
  private readonly written = new Map<string, Map<string, Written>>();
  /** UIDs of slices that went while a write of them may not have been answered yet: that answer will not be waited for. */
  private readonly gone = new Map<string, Set<string>>();

  wrote(serviceKey: string, slice: Stored<EndpointSlice>): void {
    if (this.gone.get(serviceKey)?.has(slice.metadata.uid)) return;
    const slices = this.written.get(serviceKey) ?? new Map<string, Written>();
    this.written.set(serviceKey, slices);
    slices.set(slice.metadata.uid, { key: keyOf(slice), resourceVersion: Number(slice.metadata.resourceVersion) });
  }

  /** The informer saw it go, or this process deleted it. */
  forgetSlice(serviceKey: string, uid: string): void {
    this.written.get(serviceKey)?.delete(uid);
    this.gone.set(serviceKey, (this.gone.get(serviceKey) ?? new Set()).add(uid));
  }

  forget(serviceKey: string): void {
    this.written.delete(serviceKey);
    this.gone.delete(serviceKey);
  }

  /** True while the cache lags behind what was written; what it has caught up with is forgotten. To be asked before each round of writes. */
  isStale(serviceKey: string, lister: Lister<EndpointSlice>): boolean {
    this.gone.delete(serviceKey);
    const slices = this.written.get(serviceKey);
    if (!slices) return false;
    for (const [uid, { key, resourceVersion }] of slices) {
      const cached = lister.get(key);
      if (cached && Number(cached.metadata.resourceVersion) >= resourceVersion) slices.delete(uid);
    }
    return slices.size > 0;
  }
}

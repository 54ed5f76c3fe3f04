/** Looks again and again at the pods that may not take more than so much of the local disk. */
import type { Pod } from '../../api/core/v1/pod';
import type { Clock } from '../../component-base/clock';
import { exceededLimit, hasStorageLimits, type StorageUsage } from './storage-limits';

export interface StorageExcess {
  pod: Pod;
  message: string;
}

/** A look at very many files is dear: a pod is left alone for so many times the time that it took. */
const restPerLook = 20;

/** Gives those that are beyond a limit, of those that it is time to look at. */
export function createStorageWatch({ clock, measure }: { clock: Clock; measure(pod: Pod): Promise<StorageUsage> }) {
  const dueMs = new Map<string, number>();

  return async function findExcesses(pods: readonly Pod[]): Promise<StorageExcess[]> {
    const limited = pods.filter(hasStorageLimits);
    const uids = new Set(limited.map(({ metadata }) => metadata?.uid ?? ''));
    for (const uid of dueMs.keys()) if (!uids.has(uid)) dueMs.delete(uid);
    const excesses: StorageExcess[] = [];
    for (const pod of limited) {
      const uid = pod.metadata?.uid ?? '';
      const startedMs = clock.now();
      if (startedMs < (dueMs.get(uid) ?? 0)) continue;
      const message = exceededLimit(pod, await measure(pod));
      if (message) excesses.push({ pod, message });
      dueMs.set(uid, clock.now() + restPerLook * (clock.now() - startedMs));
    }
    return excesses;
  };
}

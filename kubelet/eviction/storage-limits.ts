/** What a pod may take of the local disk, and whether it took more (upstream's localStorageEviction). Pure. */
import { type Container, containersOf, type Pod, podLimits } from '../../api/core/v1/pod';
import { Quantity } from '../../api/meta/quantity';

/** In bytes. */
export interface StorageUsage {
  /** Of emptyDirs, by name. */
  volumes: ReadonlyMap<string, number>;
  /** What containers wrote outside of volumes, and their logs, by name. */
  containers: ReadonlyMap<string, number>;
  /** Of all that is on the disk and not in memory. */
  total: number;
}

const resource = 'ephemeral-storage';

const limitOf = ({ resources }: Container): Quantity | undefined => Quantity.tryParse(resources?.limits?.[resource]);
const isLimit = (quantity: Quantity | undefined): quantity is Quantity => quantity !== undefined && !quantity.isZero();

export function hasStorageLimits(pod: Pod): boolean {
  return (
    (pod.spec?.volumes ?? []).some(({ emptyDir }) => isLimit(Quantity.tryParse(emptyDir?.sizeLimit))) ||
    containersOf(pod).some((container) => isLimit(limitOf(container)))
  );
}

/** The first limit that the pod is beyond, in upstream's words. */
export function exceededLimit(pod: Pod, usage: StorageUsage): string | undefined {
  const exceeds = (used: number | undefined, limit: Quantity | undefined): limit is Quantity =>
    isLimit(limit) && used !== undefined && used > limit.value();
  for (const { name, emptyDir } of pod.spec?.volumes ?? []) {
    const limit = Quantity.tryParse(emptyDir?.sizeLimit);
    if (exceeds(usage.volumes.get(name), limit)) {
      return `Usage of EmptyDir volume "${name}" exceeds the limit "${limit}". `;
    }
  }
  const ofPod = podLimits(pod)[resource];
  if (exceeds(usage.total, ofPod)) {
    return `Pod ephemeral local storage usage exceeds the total limit of containers ${ofPod}. `;
  }
  for (const container of (pod.spec?.containers ?? []) as Container[]) {
    const limit = limitOf(container);
    if (exceeds(usage.containers.get(container.name), limit)) {
      return `Container ${container.name} exceeded its local ephemeral storage limit "${limit}". `;
    }
  }
  return undefined;
}

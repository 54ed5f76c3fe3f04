/** Which pods count when the node's resources are shared out: upstream's filterOutInactivePods. Pure. */
import type { Pod } from '../../api/core/v1/pod';
import { isFinal } from './compute-pod-status';

export interface PodHold {
  pod: Pod | undefined;
  /** The API (or the manifest folder) no longer has it. */
  removed: boolean;
  /** The node does not take it. */
  refused: boolean;
  /** Nothing of it runs any more, and nothing will. */
  terminated: boolean;
  /** Some container of it runs. */
  runs: boolean;
}

/** One that ends holds what it has until nothing of it runs; one that had ended before this kubelet started holds nothing. */
export function holdsResources({ pod, removed, refused, terminated, runs }: PodHold): boolean {
  if (!pod || removed || refused || terminated) return false;
  return runs || !isFinal(pod.status ?? {});
}

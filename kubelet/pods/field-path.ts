/** How events name a container: `spec.containers{web}`. */
import type { Pod } from '../../api/core/v1/pod';

export function fieldPathOf(pod: Pod, container: string): string {
  const has = (list: { name: string }[] | undefined): boolean => list?.some(({ name }) => name === container) ?? false;
  if (has(pod.spec?.initContainers)) return `spec.initContainers{${container}}`;
  if (has(pod.spec?.ephemeralContainers)) return `spec.ephemeralContainers{${container}}`;
  return `spec.containers{${container}}`;
}

/** `name_namespace(uid)`, as messages print a pod. */
export const formatPod = ({ metadata }: Pod): string => `${metadata?.name}_${metadata?.namespace}(${metadata?.uid})`;

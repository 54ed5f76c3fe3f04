/** Which updates of a pod can change what it violates: upstream's `isSignificantPodUpdate`. */
import type { Pod } from '../../../api/core/v1/pod';

const podSeccomp = 'seccomp.security.alpha.kubernetes.io/pod';
const containerSeccomp = 'container.seccomp.security.alpha.kubernetes.io/';

interface Named {
  name: string;
  image?: string;
}

export function isSignificantUpdate(next: Pod, old: Pod): boolean {
  const annotation = (pod: Pod, key: string): string | undefined => pod.metadata?.annotations?.[key];
  const changed = (key: string): boolean => annotation(next, key) !== annotation(old, key);
  const differs = (container: Named, before: Named | undefined): boolean =>
    !before || container.image !== before.image || changed(containerSeccomp + container.name);
  const listDiffers = (now: Named[] = [], before: Named[] = []): boolean =>
    now.length !== before.length || now.some((container, index) => differs(container, before[index]));
  return (
    changed(podSeccomp) ||
    listDiffers(next.spec?.containers, old.spec?.containers) ||
    listDiffers(next.spec?.initContainers, old.spec?.initContainers) ||
    (next.spec?.ephemeralContainers ?? []).some((container) =>
      differs(
        container,
        old.spec?.ephemeralContainers?.find(({ name }) => name === container.name),
      ),
    )
  );
}

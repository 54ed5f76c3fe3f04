/** The PersistentVolumeClaims of a pod. Upstream: `k8s.io/component-helpers/storage/ephemeral`. */
import type { Pod, Volume } from './types';

/** The name of the claim that a volume uses, or that is made for it; undefined when it uses none. */
export const claimNameOf = (pod: Pod, { name, persistentVolumeClaim, ephemeral }: Volume): string | undefined =>
  persistentVolumeClaim?.claimName ?? (ephemeral ? `${pod.metadata?.name}-${name}` : undefined);

/** The claims of all volumes; `namespace/name`. */
export const claimsOf = (pod: Pod): string[] =>
  (pod.spec?.volumes ?? []).flatMap((volume) => {
    const claim = claimNameOf(pod, volume);
    return claim === undefined ? [] : [`${pod.metadata?.namespace}/${claim}`];
  });

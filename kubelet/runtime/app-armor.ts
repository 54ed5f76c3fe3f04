/** AppArmor profiles as pods ask for them and as the engine wants to be told. Pure. */
import type { Container, Pod } from '../../api/core/v1/pod';

export const appArmorProfileOf = ({ spec }: Pod, { securityContext }: Container) =>
  securityContext?.appArmorProfile ?? spec?.securityContext?.appArmorProfile;

/** Nothing for the engine's own default. */
export function appArmorOptions(pod: Pod, container: Container): string[] {
  const profile = appArmorProfileOf(pod, container);
  if (profile?.type === 'Localhost') return [`apparmor=${profile.localhostProfile}`];
  return profile?.type === 'Unconfined' ? ['apparmor=unconfined'] : [];
}

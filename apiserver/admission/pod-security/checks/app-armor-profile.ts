import { type Check, containersOf, plural, quoted, setters, sorted } from '../check';

const annotationPrefix = 'container.apparmor.security.beta.kubernetes.io/';

const isAllowedType = (type: string | undefined): boolean => type === 'RuntimeDefault' || type === 'Localhost';

const isAllowedAnnotation = (profile: string): boolean =>
  profile === '' || profile === 'runtime/default' || profile.startsWith('localhost/');

/** The default AppArmor profile may be replaced by one of the node's, not switched off. */
export const appArmorProfile: Check = {
  id: 'appArmorProfile',
  level: 'baseline',
  versions: [
    {
      since: 0,
      check(pod) {
        const isBad = (holder: { securityContext?: { appArmorProfile?: { type?: string } } }): boolean => {
          const profile = holder.securityContext?.appArmorProfile;
          return profile !== undefined && !isAllowedType(profile.type);
        };
        const containers = containersOf(pod).filter(isBad);
        const annotations = Object.entries(pod.metadata.annotations ?? {})
          .filter(([key, value]) => key.startsWith(annotationPrefix) && !isAllowedAnnotation(value))
          .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
          .sort();
        const who = [
          setters(
            isBad(pod.spec),
            containers.map(({ name }) => name),
          ),
          annotations.length ? plural('annotation', 'annotations', annotations.length) : '',
        ].filter(Boolean);
        if (!who.length) return undefined;
        const holders = [...(isBad(pod.spec) ? [pod.spec] : []), ...containers];
        const types = sorted(holders.map(({ securityContext }) => securityContext?.appArmorProfile?.type ?? ''));
        const values = [...types, ...annotations];
        return {
          reason: plural('forbidden AppArmor profile', 'forbidden AppArmor profiles', values.length),
          detail: `${who.join(' and ')} must not set AppArmor profile type to ${quoted(values)}`,
        };
      },
    },
  ],
};

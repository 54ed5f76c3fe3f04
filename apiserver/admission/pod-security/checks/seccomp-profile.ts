import {
  type Check,
  type CheckPod,
  containersOf,
  containersWhere,
  exceptOnWindows,
  namedContainers,
  plural,
  type PodSubject,
  quoted,
  setters,
  sorted,
  type Violation,
} from '../check';

const podAnnotation = 'seccomp.security.alpha.kubernetes.io/pod';
const containerAnnotation = 'container.seccomp.security.alpha.kubernetes.io/';
const reason = 'seccompProfile';

interface SeccompHolder {
  securityContext?: { seccompProfile?: { type?: string } };
}

const isAllowed = (type: string | undefined): boolean => type === 'RuntimeDefault' || type === 'Localhost';
const isAllowedAnnotation = (value: string): boolean =>
  value === 'runtime/default' || value === 'docker/default' || value.startsWith('localhost/');

/** Until 1.18 profiles were annotations. */
const checkAnnotations: CheckPod = (pod) => {
  const keys = [podAnnotation, ...containersOf(pod).map(({ name }) => `${containerAnnotation}${name}`)];
  const bad = sorted(
    keys.flatMap((key) => {
      const value = pod.metadata.annotations?.[key];
      return value === undefined || isAllowedAnnotation(value) ? [] : [`${key}=${JSON.stringify(value)}`];
    }),
  );
  if (!bad.length) return undefined;
  return { reason, detail: `forbidden ${plural('annotation', 'annotations', bad.length)} ${bad.join(', ')}` };
};

/** Profiles that switch seccomp off. */
function badProfiles(pod: PodSubject): Violation | undefined {
  const isBad = ({ securityContext }: SeccompHolder): boolean =>
    securityContext?.seccompProfile !== undefined && !isAllowed(securityContext.seccompProfile.type);
  const who = setters(isBad(pod.spec), containersWhere(pod, isBad));
  if (!who) return undefined;
  const holders: SeccompHolder[] = [pod.spec, ...containersOf(pod)];
  const values = sorted(
    holders.filter(isBad).map(({ securityContext }) => securityContext?.seccompProfile?.type ?? ''),
  );
  return { reason, detail: `${who} must not set securityContext.seccompProfile.type to ${quoted(values)}` };
}

export const seccompProfileBaseline: Check = {
  id: 'seccompProfile_baseline',
  level: 'baseline',
  versions: [
    { since: 0, check: checkAnnotations },
    { since: 19, check: badProfiles },
  ],
};

/** A profile must be set, for the pod or for each container. */
const restricted: CheckPod = (pod) => {
  const bad = badProfiles(pod);
  if (bad || pod.spec.securityContext?.seccompProfile) return bad;
  const unset = containersWhere(pod, ({ securityContext }) => !securityContext?.seccompProfile);
  if (!unset.length) return undefined;
  return {
    reason,
    detail: `pod or ${namedContainers(unset)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`,
  };
};

const overrides = ['seccompProfile_baseline'];

export const seccompProfileRestricted: Check = {
  id: 'seccompProfile_restricted',
  level: 'restricted',
  versions: [
    { since: 19, check: restricted, overrides },
    { since: 25, check: exceptOnWindows(restricted), overrides },
  ],
};

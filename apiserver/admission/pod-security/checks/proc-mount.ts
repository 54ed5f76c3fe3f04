import {
  type Check,
  type CheckPod,
  containersOf,
  exceptInUserNamespace,
  namedContainers,
  quoted,
  sorted,
} from '../check';

/** The masks over /proc must stay; since 1.35 the baseline lets pods with a user namespace take them off. */
const check: CheckPod = (pod) => {
  const bad = containersOf(pod).filter(
    ({ securityContext }) => securityContext?.procMount !== undefined && securityContext.procMount !== 'Default',
  );
  if (!bad.length) return undefined;
  const types = sorted(bad.map(({ securityContext }) => securityContext!.procMount!));
  const who = namedContainers(bad.map(({ name }) => name));
  return { reason: 'procMount', detail: `${who} must not set securityContext.procMount to ${quoted(types)}` };
};

export const procMountBaseline: Check = {
  id: 'procMount_baseline',
  level: 'baseline',
  versions: [
    { since: 0, check },
    { since: 35, check: exceptInUserNamespace(check) },
  ],
};

export const procMountRestricted: Check = {
  id: 'procMount_restricted',
  level: 'restricted',
  versions: [{ since: 35, check, overrides: ['procMount_baseline'] }],
};

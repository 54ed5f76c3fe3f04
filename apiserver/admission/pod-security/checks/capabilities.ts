import {
  type Check,
  type CheckPod,
  containersOf,
  exceptOnWindows,
  namedContainers,
  type PodSubject,
  quoted,
  sorted,
} from '../check';

/** What container engines give by default. */
const defaults = [
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
];

/** Who adds which capability beyond the allowed ones; undefined when nobody does. */
function addedBeyond(pod: PodSubject, allowed: readonly string[]): string | undefined {
  const added = containersOf(pod).map(({ name, securityContext }) => ({
    name,
    forbidden: (securityContext?.capabilities?.add ?? []).filter((capability) => !allowed.includes(capability)),
  }));
  const bad = added.filter(({ forbidden }) => forbidden.length);
  if (!bad.length) return undefined;
  const capabilities = sorted(bad.flatMap(({ forbidden }) => forbidden));
  const who = namedContainers(bad.map(({ name }) => name));
  return `${who} must not include ${quoted(capabilities)} in securityContext.capabilities.add`;
}

export const capabilitiesBaseline: Check = {
  id: 'capabilities_baseline',
  level: 'baseline',
  versions: [
    {
      since: 0,
      check(pod) {
        const detail = addedBeyond(pod, defaults);
        return detail === undefined ? undefined : { reason: 'non-default capabilities', detail };
      },
    },
  ],
};

/** All must be dropped, and only NET_BIND_SERVICE may be taken back. */
const restricted: CheckPod = (pod) => {
  const undropped = containersOf(pod)
    .filter(({ securityContext }) => !securityContext?.capabilities?.drop?.includes('ALL'))
    .map(({ name }) => name);
  const details = [
    undropped.length ? `${namedContainers(undropped)} must set securityContext.capabilities.drop=["ALL"]` : undefined,
    addedBeyond(pod, ['NET_BIND_SERVICE']),
  ].filter((detail) => detail !== undefined);
  return details.length ? { reason: 'unrestricted capabilities', detail: details.join('; ') } : undefined;
};

const overrides = ['capabilities_baseline'];

export const capabilitiesRestricted: Check = {
  id: 'capabilities_restricted',
  level: 'restricted',
  versions: [
    { since: 22, check: restricted, overrides },
    { since: 25, check: exceptOnWindows(restricted), overrides },
  ],
};

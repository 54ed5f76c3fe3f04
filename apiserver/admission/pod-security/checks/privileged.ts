import { type Check, containersWhere, namedContainers } from '../check';

/** Privileged containers are root on the node. */
export const privileged: Check = {
  id: 'privileged',
  level: 'baseline',
  versions: [
    {
      since: 0,
      check(pod) {
        const bad = containersWhere(pod, ({ securityContext }) => securityContext?.privileged === true);
        if (!bad.length) return undefined;
        return { reason: 'privileged', detail: `${namedContainers(bad)} must not set securityContext.privileged=true` };
      },
    },
  ],
};

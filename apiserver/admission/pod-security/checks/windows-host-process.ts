import { type Check, containersWhere, setters } from '../check';

/** Host process containers are as good as administrators of a Windows node. */
export const windowsHostProcess: Check = {
  id: 'windowsHostProcess',
  level: 'baseline',
  versions: [
    {
      since: 0,
      check(pod) {
        const who = setters(
          pod.spec.securityContext?.windowsOptions?.hostProcess === true,
          containersWhere(pod, ({ securityContext }) => securityContext?.windowsOptions?.hostProcess === true),
        );
        if (!who) return undefined;
        return { reason: 'hostProcess', detail: `${who} must not set securityContext.windowsOptions.hostProcess=true` };
      },
    },
  ],
};

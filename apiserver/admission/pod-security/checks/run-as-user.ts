import { type Check, type CheckPod, containersWhere, exceptInUserNamespace, setters } from '../check';

const check: CheckPod = (pod) => {
  const who = setters(
    pod.spec.securityContext?.runAsUser === 0,
    containersWhere(pod, ({ securityContext }) => securityContext?.runAsUser === 0),
  );
  return who ? { reason: 'runAsUser=0', detail: `${who} must not set runAsUser=0` } : undefined;
};

export const runAsUser: Check = {
  id: 'runAsUser',
  level: 'restricted',
  versions: [
    { since: 23, check },
    { since: 35, check: exceptInUserNamespace(check) },
  ],
};

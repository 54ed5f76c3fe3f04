import { type Check, type CheckPod, containersWhere, exceptInUserNamespace, namedContainers, setters } from '../check';

const reason = 'runAsNonRoot != true';

/** The pod says so, or each of its containers, and none denies it. */
const check: CheckPod = (pod) => {
  const ofPod = pod.spec.securityContext?.runAsNonRoot;
  const who = setters(
    ofPod === false,
    containersWhere(pod, ({ securityContext }) => securityContext?.runAsNonRoot === false),
  );
  if (who) return { reason, detail: `${who} must not set securityContext.runAsNonRoot=false` };
  if (ofPod) return undefined;
  const unset = containersWhere(pod, ({ securityContext }) => securityContext?.runAsNonRoot === undefined);
  if (!unset.length) return undefined;
  return { reason, detail: `pod or ${namedContainers(unset)} must set securityContext.runAsNonRoot=true` };
};

export const runAsNonRoot: Check = {
  id: 'runAsNonRoot',
  level: 'restricted',
  versions: [
    { since: 0, check },
    { since: 35, check: exceptInUserNamespace(check) },
  ],
};

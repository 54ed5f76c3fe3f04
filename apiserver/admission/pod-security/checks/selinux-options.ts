import { type Check, type CheckPod, containersOf, plural, quoted, setters, sorted } from '../check';

interface SelinuxOptions {
  type?: string;
  user?: string;
  role?: string;
}

const types = ['', 'container_t', 'container_init_t', 'container_kvm_t'];

/** A custom SELinux user or role is forbidden, and so are types beyond those of containers. */
const check =
  (allowed: readonly string[]): CheckPod =>
  (pod) => {
    const holders = [pod.spec, ...containersOf(pod)] as { securityContext?: { seLinuxOptions?: SelinuxOptions } }[];
    const isBad = ({ type = '', user, role }: SelinuxOptions = {}): boolean =>
      !allowed.includes(type) || Boolean(user) || Boolean(role);
    const bad = holders.map(({ securityContext }) => securityContext?.seLinuxOptions ?? {}).filter(isBad);
    if (!bad.length) return undefined;
    const containers = containersOf(pod).filter(({ securityContext }) => isBad(securityContext?.seLinuxOptions));
    const who = setters(
      isBad(pod.spec.securityContext?.seLinuxOptions),
      containers.map(({ name }) => name),
    );
    const badTypes = sorted(bad.map(({ type = '' }) => type).filter((type) => !allowed.includes(type)));
    const data = [
      ...(badTypes.length ? [`${plural('type', 'types', badTypes.length)} ${quoted(badTypes)}`] : []),
      ...(bad.some(({ user }) => user) ? ['user may not be set'] : []),
      ...(bad.some(({ role }) => role) ? ['role may not be set'] : []),
    ];
    return {
      reason: 'seLinuxOptions',
      detail: `${who} set forbidden securityContext.seLinuxOptions: ${data.join('; ')}`,
    };
  };

export const selinuxOptions: Check = {
  id: 'seLinuxOptions',
  level: 'baseline',
  versions: [
    { since: 0, check: check(types) },
    { since: 31, check: check([...types, 'container_engine_t']) },
  ],
};

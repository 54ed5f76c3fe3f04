/** Which sysctls a pod may set: those of its own namespaces that disturb nobody, and what a flag allows. Upstream: `pkg/kubelet/sysctl`. */
import type { Pod } from '../../api/core/v1/pod';
import { rejected } from './admission';
import type { Verdict } from './sync-pod';

const safeSysctls = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_wmem',
];

const namespaces = {
  ipc: ['kernel.sem', 'kernel.shm*', 'kernel.msg*', 'fs.mqueue.*'],
  net: ['net.*'],
} as const;

const matches = (pattern: string, name: string): boolean =>
  pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;

const namespaceOf = (pattern: string): keyof typeof namespaces | undefined =>
  (['ipc', 'net'] as const).find((kind) =>
    namespaces[kind].some((known) => matches(known, pattern.replace(/\*$/, ''))),
  );

/** `kernel/shm_rmid_forced` is another way to write it, in which dots are part of a name. */
export function dottedSysctl(name: string): string {
  const first = /[./]/.exec(name)?.[0];
  return first === '/' ? name.replace(/[./]/g, (mark) => (mark === '/' ? '.' : '/')) : name;
}

/** The node's check of one pod; undefined admits. Throws on a pattern of a sysctl that containers would share with the host. */
export function createSysctlAllowlist(allowedUnsafe: readonly string[]): (pod: Pod) => Verdict | undefined {
  const allowed = [...safeSysctls, ...allowedUnsafe.map(dottedSysctl)];
  const shared = allowed.filter((pattern) => namespaceOf(pattern) === undefined);
  if (shared.length) throw new Error(`the sysctls ${JSON.stringify(shared)} are not known to be namespaced`);

  return ({ spec }) => {
    for (const { name } of spec?.securityContext?.sysctls ?? []) {
      const dotted = dottedSysctl(name);
      const forbid = (why: string): Verdict =>
        rejected('SysctlForbidden', `forbidden sysctl: ${JSON.stringify(dotted)} ${why}`);
      if (!allowed.some((pattern) => matches(pattern, dotted))) return forbid('not allowlisted');
      const namespace = namespaceOf(dotted);
      if (namespace === 'net' && spec?.hostNetwork) return forbid('not allowed with host net enabled');
      if (namespace === 'ipc' && spec?.hostIPC) return forbid('not allowed with host ipc enabled');
    }
    return undefined;
  };
}

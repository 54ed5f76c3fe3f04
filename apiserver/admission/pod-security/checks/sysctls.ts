import type { Check, CheckPod } from '../check';

const first = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
];
const second = [...first, 'net.ipv4.ip_local_reserved_ports'];
const third = [
  ...second,
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
];
const fourth = [...third, 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem'];

/** Only what is the pod's own, and cannot harm others. */
const check =
  (allowed: readonly string[]): CheckPod =>
  ({ spec }) => {
    const bad = (spec.securityContext?.sysctls ?? []).map(({ name }) => name).filter((name) => !allowed.includes(name));
    return bad.length ? { reason: 'forbidden sysctls', detail: bad.join(', ') } : undefined;
  };

export const sysctls: Check = {
  id: 'sysctls',
  level: 'baseline',
  versions: [
    { since: 0, check: check(first) },
    { since: 27, check: check(second) },
    { since: 29, check: check(third) },
    { since: 32, check: check(fourth) },
  ],
};

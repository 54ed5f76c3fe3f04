import { createSysctlAllowlist, dottedSysctl } from '../../../../kubelet/pods/sysctl-allowlist';
import { podOf } from './pod-fixtures';

const podWith = (name: string, spec = {}) => podOf({ securityContext: { sysctls: [{ name, value: '1' }] }, ...spec });

describe('the allowlist of sysctls', () => {
  it.each([
    ['kernel.shm_rmid_forced', {}, undefined],
    ['kernel/shm_rmid_forced', {}, undefined],
    ['net.ipv4.tcp_syncookies', {}, undefined],
    ['kernel.msgmax', {}, 'forbidden sysctl: "kernel.msgmax" not allowlisted'],
    [
      'net.ipv4.tcp_syncookies',
      { hostNetwork: true },
      'forbidden sysctl: "net.ipv4.tcp_syncookies" not allowed with host net enabled',
    ],
    [
      'kernel.shm_rmid_forced',
      { hostIPC: true },
      'forbidden sysctl: "kernel.shm_rmid_forced" not allowed with host ipc enabled',
    ],
  ])('judges %s with %j', (name, spec, message) => {
    const verdict = createSysctlAllowlist([])(podWith(name, spec));
    expect(verdict).toEqual(message && { phase: 'Failed', reason: 'SysctlForbidden', message });
  });

  it('admits what the flag allows', () => {
    const admit = createSysctlAllowlist(['kernel.msg*', 'net.core.somaxconn']);
    expect(admit(podWith('kernel.msgmax'))).toBeUndefined();
    expect(admit(podWith('net.core.somaxconn'))).toBeUndefined();
    expect(admit(podWith('net.core.rmem_max'))?.reason).toBe('SysctlForbidden');
  });

  it('refuses a flag that would reach the host', () => {
    expect(() => createSysctlAllowlist(['vm.swappiness'])).toThrow('["vm.swappiness"] are not known to be namespaced');
  });

  it('reads both separators', () => {
    expect(dottedSysctl('net/ipv4/conf/eth0.5/rp_filter')).toBe('net.ipv4.conf.eth0/5.rp_filter');
    expect(dottedSysctl('net.ipv4.conf.eth0/5.rp_filter')).toBe('net.ipv4.conf.eth0/5.rp_filter');
  });
});

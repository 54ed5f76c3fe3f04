import type { PodSubject } from '../../../../../apiserver/admission/pod-security/check';
import { checks } from '../../../../../apiserver/admission/pod-security/checks';
import {
  describeViolations,
  evaluatePod,
  summarizeViolations,
} from '../../../../../apiserver/admission/pod-security/evaluate';
import type { Level, StandardVersion } from '../../../../../apiserver/admission/pod-security/policy';

const subject = (spec: object, annotations: Record<string, string> = {}): PodSubject => ({
  metadata: { name: 'p', annotations },
  spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
});
const container = (fields: object, name = 'c') => ({ name, image: 'i', ...fields });
const secure = (fields: object, name = 'c') => container({ securityContext: fields }, name);
const violations = (pod: PodSubject, level: Level, version: StandardVersion = 'latest'): string =>
  describeViolations(evaluatePod({ level, version }, pod));

const restrictedContainer = {
  securityContext: {
    allowPrivilegeEscalation: false,
    runAsNonRoot: true,
    capabilities: { drop: ['ALL'] },
    seccompProfile: { type: 'RuntimeDefault' },
  },
};

describe('Pod Security Standards', () => {
  it.each<[string, PodSubject, string]>([
    ['nothing special', subject({}), ''],
    [
      'privileged',
      subject({ containers: [secure({ privileged: true })] }),
      'privileged (container "c" must not set securityContext.privileged=true)',
    ],
    [
      'privileged in several',
      subject({ initContainers: [secure({ privileged: true }, 'i')], containers: [secure({ privileged: true })] }),
      'privileged (containers "i", "c" must not set securityContext.privileged=true)',
    ],
    [
      'host namespaces',
      subject({ hostNetwork: true, hostPID: true, hostIPC: true }),
      'host namespaces (hostNetwork=true, hostPID=true, hostIPC=true)',
    ],
    ['hostPath', subject({ volumes: [{ name: 'v', hostPath: { path: '/' } }] }), 'hostPath volumes (volume "v")'],
    [
      'host ports',
      subject({ containers: [container({ ports: [{ hostPort: 80 }, { hostPort: 8080 }, { containerPort: 1 }] })] }),
      'hostPort (container "c" uses hostPorts 80, 8080)',
    ],
    [
      'probe hosts',
      subject({ containers: [container({ livenessProbe: { httpGet: { host: '10.0.0.1' } } })] }),
      'probe or lifecycle host (container "c" uses probe or lifecycle host "10.0.0.1")',
    ],
    [
      'capabilities',
      subject({ containers: [secure({ capabilities: { add: ['SYS_ADMIN', 'CHOWN', 'NET_RAW'] } })] }),
      'non-default capabilities (container "c" must not include "NET_RAW", "SYS_ADMIN" in securityContext.capabilities.add)',
    ],
    [
      'AppArmor',
      subject(
        { securityContext: { appArmorProfile: { type: 'Unconfined' } } },
        { 'container.apparmor.security.beta.kubernetes.io/c': 'unconfined' },
      ),
      'forbidden AppArmor profiles (pod and annotation must not set AppArmor profile type to "Unconfined", "container.apparmor.security.beta.kubernetes.io/c=\\"unconfined\\"")',
    ],
    [
      'SELinux',
      subject({
        securityContext: { seLinuxOptions: { type: 'spc_t', user: 'root' } },
        containers: [secure({ seLinuxOptions: { role: 'sysadm_r' } })],
      }),
      'seLinuxOptions (pod and container "c" set forbidden securityContext.seLinuxOptions: type "spc_t"; user may not be set; role may not be set)',
    ],
    [
      'seccomp',
      subject({ securityContext: { seccompProfile: { type: 'Unconfined' } } }),
      'seccompProfile (pod must not set securityContext.seccompProfile.type to "Unconfined")',
    ],
    [
      'sysctls',
      subject({ securityContext: { sysctls: [{ name: 'kernel.msgmax' }, { name: 'net.ipv4.tcp_rmem' }] } }),
      'forbidden sysctls (kernel.msgmax)',
    ],
    [
      'proc mount',
      subject({ containers: [secure({ procMount: 'Unmasked' })] }),
      'procMount (container "c" must not set securityContext.procMount to "Unmasked")',
    ],
    [
      'proc mount in a user namespace',
      subject({ hostUsers: false, containers: [secure({ procMount: 'Unmasked' })] }),
      '',
    ],
    [
      'host process',
      subject({ securityContext: { windowsOptions: { hostProcess: true } } }),
      'hostProcess (pod must not set securityContext.windowsOptions.hostProcess=true)',
    ],
    [
      'ephemeral containers',
      subject({ ephemeralContainers: [secure({ privileged: true }, 'debug')] }),
      'privileged (container "debug" must not set securityContext.privileged=true)',
    ],
  ])('baseline: %s', (_title, pod, expected) => {
    expect(violations(pod, 'baseline')).toBe(expected);
  });

  it('restricted: says all that an ordinary pod lacks, in the order of the checks', () => {
    expect(violations(subject({}), 'restricted')).toBe(
      'allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false), ' +
        'unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]), ' +
        'runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true), ' +
        'seccompProfile (pod or container "c" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
    );
  });

  const strict = (spec: object, fields: object = {}) =>
    subject({
      ...spec,
      containers: [secure({ ...restrictedContainer.securityContext, ...fields })],
    });

  it.each<[string, PodSubject, string]>([
    ['a pod that keeps to it', strict({}), ''],
    [
      'set for the pod',
      subject({
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'Localhost' } },
        containers: [
          secure({ allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] } }),
        ],
      }),
      '',
    ],
    ['root', strict({ securityContext: { runAsUser: 0 } }), 'runAsUser=0 (pod must not set runAsUser=0)'],
    ['root in a user namespace', strict({ hostUsers: false }, { runAsUser: 0, runAsNonRoot: false }), ''],
    [
      'denied',
      strict({}, { runAsNonRoot: false }),
      'runAsNonRoot != true (container "c" must not set securityContext.runAsNonRoot=false)',
    ],
    [
      'added capabilities, told once',
      strict({}, { capabilities: { drop: ['ALL'], add: ['SYS_TIME'] } }),
      'unrestricted capabilities (container "c" must not include "SYS_TIME" in securityContext.capabilities.add)',
    ],
    [
      'volumes, told once',
      strict({
        volumes: [
          { name: 'h', hostPath: { path: '/' } },
          { name: 'n', nfs: {} },
          { name: 'e', emptyDir: {} },
        ],
      }),
      'restricted volume types (volumes "h", "n" use restricted volume types "hostPath", "nfs")',
    ],
    [
      'unconfined, told once',
      strict({}, { seccompProfile: { type: 'Unconfined' } }),
      'seccompProfile (container "c" must not set securityContext.seccompProfile.type to "Unconfined")',
    ],
    ['Windows', subject({ os: { name: 'windows' }, securityContext: { runAsNonRoot: true } }), ''],
  ])('restricted: %s', (_title, pod, expected) => {
    expect(violations(pod, 'restricted')).toBe(expected);
  });

  it('holds each version of the standard to what it said', () => {
    const sysctl = (name: string) => subject({ securityContext: { sysctls: [{ name }] } });
    expect(violations(sysctl('net.ipv4.tcp_rmem'), 'baseline', 31)).toBe('forbidden sysctls (net.ipv4.tcp_rmem)');
    expect(violations(sysctl('net.ipv4.tcp_rmem'), 'baseline', 32)).toBe('');
    expect(violations(subject({}), 'restricted', 0)).toBe(
      'runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true)',
    );
    const annotated = subject({}, { 'seccomp.security.alpha.kubernetes.io/pod': 'unconfined' });
    expect(violations(annotated, 'baseline', 18)).toBe(
      'seccompProfile (forbidden annotation seccomp.security.alpha.kubernetes.io/pod="unconfined")',
    );
    expect(violations(annotated, 'baseline', 19)).toBe('');
    expect(violations(strict({}, { capabilities: { add: ['SYS_TIME'] } }), 'restricted', 21)).toContain(
      'non-default capabilities',
    );
    expect(violations(sysctl('net.ipv4.tcp_rmem'), 'baseline', 99)).toBe('');
  });

  it('allows everything at privileged, and summarizes by reasons', () => {
    const pod = subject({ hostNetwork: true, containers: [secure({ privileged: true })] });
    expect(violations(pod, 'privileged')).toBe('');
    expect(summarizeViolations(evaluatePod({ level: 'baseline', version: 'latest' }, pod))).toBe(
      'host namespaces, privileged',
    );
  });

  it('lists the checks by level and id, each with growing versions', () => {
    for (const level of ['baseline', 'restricted'] as const) {
      const ids = checks.filter((check) => check.level === level).map(({ id }) => id);
      expect(ids).toEqual([...ids].sort());
    }
    for (const { versions } of checks) {
      const since = versions.map((version) => version.since);
      expect(since).toEqual([...since].sort((a, b) => a - b));
    }
  });
});

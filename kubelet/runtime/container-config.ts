/** What the engine is told to create for a sandbox and for a container, from the pod: pure, in the engine's words. */
import type { Container, Pod, SecurityContext } from '../../api/core/v1/pod';
import { expand } from '../pods/expansion';
import { appArmorOptions } from './app-armor';
import { engineResources, sandboxOomScoreAdj } from './container-resources';
import {
  containerNameOf,
  hashContainer,
  labels,
  podLabels,
  type PodIdentity,
  sandboxContainerName,
  sandboxNameOf,
} from './labels';
import type { ContainerConfig, Device } from './runtime';

/** Ten files of 10 MiB would do upstream's `containerLogMaxFiles` 5: the engine keeps 5. */
const logConfig = { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '5' } };

export interface Mount {
  hostPath: string;
  containerPath: string;
  readOnly?: boolean;
  /** `rshared`, `rslave`, or nothing for private. */
  propagation?: string;
}

/** `src:dst:ro,rslave` */
export const bindOf = ({ hostPath, containerPath, readOnly, propagation }: Mount): string =>
  [hostPath, containerPath, [readOnly ? 'ro' : 'rw', propagation].filter(Boolean).join(',')].join(':');

export const identityOf = (pod: Pod): PodIdentity => ({
  name: pod.metadata?.name ?? '',
  namespace: pod.metadata?.namespace ?? '',
  uid: pod.metadata?.uid ?? '',
});

export interface SandboxInput {
  pod: Pod;
  attempt: number;
  image: string;
  hostname: string;
  files: { hosts: string; resolvConf: string; hostname: string };
}

/** The container that owns the pod's namespaces: `catatonit -P`, without a network until CNI gives it one. */
export function sandboxConfig({ pod, attempt, image, hostname, files }: SandboxInput): ContainerConfig {
  const identity = identityOf(pod);
  const spec = pod.spec ?? { containers: [] };
  const hostNetwork = spec.hostNetwork === true;
  const grace = pod.metadata?.deletionGracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? 30;
  const sysctls = Object.fromEntries((spec.securityContext?.sysctls ?? []).map(({ name, value }) => [name, value]));
  return {
    name: sandboxNameOf(identity, attempt),
    Image: image,
    ...(!hostNetwork && { Hostname: hostname }),
    Labels: {
      ...(pod.metadata?.labels ?? {}),
      ...podLabels(identity),
      [labels.containerName]: sandboxContainerName,
      [labels.type]: 'podsandbox',
      [labels.attempt]: String(attempt),
      [labels.podTerminationGracePeriod]: String(grace),
      // Also when it is not so: the pod's own labels must not say it.
      [labels.hostNetwork]: String(hostNetwork),
    },
    Healthcheck: { Test: ['NONE'] },
    // CNI owns the pod's network, so the engine's is off altogether: sandboxes that leave its 'none' network together
    // can deadlock an engine before 23 (moby/moby#46661), and each start would run a hook of it for nothing.
    ...(!hostNetwork && { NetworkDisabled: true }),
    HostConfig: {
      NetworkMode: hostNetwork ? 'host' : 'none',
      IpcMode: spec.hostIPC ? 'host' : 'shareable',
      ...(spec.hostPID && { PidMode: 'host' }),
      Binds: [
        bindOf({ hostPath: files.resolvConf, containerPath: '/etc/resolv.conf' }),
        ...(hostNetwork ? [] : [bindOf({ hostPath: files.hostname, containerPath: '/etc/hostname' })]),
      ],
      SecurityOpt: ['no-new-privileges'],
      CpuShares: 2,
      OomScoreAdj: sandboxOomScoreAdj,
      LogConfig: logConfig,
      ...(Object.keys(sysctls).length > 0 && { Sysctls: sysctls }),
    },
  };
}

export interface ContainerInput {
  pod: Pod;
  container: Container;
  restartCount: number;
  sandboxId: string;
  /** The container whose processes a debugging container shares. */
  targetId?: string;
  env: ReadonlyMap<string, string>;
  mounts: Mount[];
  devices: Device[];
  machine: { memoryBytes: number };
  /** Supplemental groups besides the pod's own: fsGroup. */
  groups: number[];
  /** Absolute folder of seccomp profiles. */
  seccompRoot: string;
  /** Contents of a localhost seccomp profile, when the container asks for one. */
  seccompProfile?: string;
}

export function containerConfig(input: ContainerInput): ContainerConfig {
  const { pod, container, sandboxId, env, restartCount } = input;
  const identity = identityOf(pod);
  const spec = pod.spec ?? { containers: [] };
  const lookup = (name: string): string | undefined => env.get(name);
  const own = container.securityContext ?? {};
  const user = userOf(pod, own);
  const lifecycle = container.lifecycle;
  const { runAsUser: _user, ...podSecurity } = spec.securityContext ?? {};
  const privileged = own.privileged === true;
  return {
    name: containerNameOf(identity, container.name, restartCount),
    Image: container.image ?? '',
    Labels: {
      ...podLabels(identity),
      [labels.containerName]: container.name,
      [labels.type]: 'container',
      [labels.sandboxId]: sandboxId,
      [labels.hash]: hashContainer(container),
      [labels.restartCount]: String(restartCount),
      [labels.terminationMessagePath]: container.terminationMessagePath ?? '/dev/termination-log',
      [labels.terminationMessagePolicy]: container.terminationMessagePolicy ?? 'File',
      [labels.podTerminationGracePeriod]: String(spec.terminationGracePeriodSeconds ?? 30),
      ...(lifecycle?.preStop && { [labels.preStopHandler]: JSON.stringify(lifecycle.preStop) }),
    },
    Env: [...env].map(([name, value]) => `${name}=${value}`),
    ...(container.command?.length && { Entrypoint: container.command.map((text) => expand(text, lookup)) }),
    // A command without args must not get the image's CMD.
    ...((container.args?.length || container.command?.length) && {
      Cmd: (container.args ?? []).map((text) => expand(text, lookup)),
    }),
    ...(container.workingDir && { WorkingDir: container.workingDir }),
    ...(user && { User: user }),
    ...(container.tty && { Tty: true }),
    ...(container.stdin && { OpenStdin: true, StdinOnce: container.stdinOnce === true }),
    ...(lifecycle?.stopSignal && { StopSignal: lifecycle.stopSignal }),
    Healthcheck: { Test: ['NONE'] },
    HostConfig: {
      NetworkMode: spec.hostNetwork ? 'host' : `container:${sandboxId}`,
      IpcMode: spec.hostIPC ? 'host' : `container:${sandboxId}`,
      ...pidModeOf(input),
      Binds: input.mounts.map(bindOf),
      Privileged: privileged,
      ReadonlyRootfs: own.readOnlyRootFilesystem === true,
      CapAdd: own.capabilities?.add ?? [],
      CapDrop: own.capabilities?.drop ?? [],
      SecurityOpt: [...securityOptions(podSecurity, own, input.seccompProfile), ...appArmorOptions(pod, container)],
      GroupAdd: [...new Set([...(podSecurity.supplementalGroups ?? []), ...input.groups])].map(String),
      ...(own.procMount === 'Unmasked' && { MaskedPaths: [], ReadonlyPaths: [] }),
      ...(input.devices.length > 0 && { Devices: input.devices }),
      ...engineResources(pod, container, input.machine),
      LogConfig: logConfig,
    },
  };
}

function userOf(pod: Pod, own: SecurityContext): string | undefined {
  const shared = pod.spec?.securityContext;
  const user = own.runAsUser ?? shared?.runAsUser;
  const group = own.runAsGroup ?? shared?.runAsGroup;
  if (user === undefined && group === undefined) return undefined;
  return group === undefined ? String(user) : `${user ?? 0}:${group}`;
}

function pidModeOf({ pod, sandboxId, targetId }: ContainerInput): { PidMode?: string } {
  if (targetId) return { PidMode: `container:${targetId}` };
  if (pod.spec?.hostPID) return { PidMode: 'host' };
  return pod.spec?.shareProcessNamespace ? { PidMode: `container:${sandboxId}` } : {};
}

function securityOptions(
  shared: Omit<NonNullable<Pod['spec']>['securityContext'] & object, 'runAsUser'>,
  own: SecurityContext,
  profile: string | undefined,
): string[] {
  const options: string[] = [];
  if (own.allowPrivilegeEscalation === false) options.push('no-new-privileges');
  const seccomp = own.seccompProfile ?? shared.seccompProfile;
  // RuntimeDefault is the engine's own default profile; without any, containers are unconfined as upstream has it.
  if (seccomp?.type === 'Localhost' && profile) options.push(`seccomp=${profile}`);
  else if (seccomp?.type !== 'RuntimeDefault') options.push('seccomp=unconfined');
  const selinux = own.seLinuxOptions ?? shared.seLinuxOptions;
  for (const [key, value] of Object.entries(selinux ?? {})) if (value) options.push(`label=${key}:${value}`);
  return options;
}

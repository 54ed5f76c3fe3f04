/** Security contexts of pods and containers. */
import { invalidEach, optionalOneOf } from '../../../../meta/field-checks';
import {
  duplicate,
  type FieldError,
  type FieldPath,
  forbidden,
  invalid,
  notSupported,
  required,
} from '../../../../meta/field-error';
import { isValidGroupId, isValidUserId } from '../../../../meta/names';
import type { PodSecurityContext, PodSpec, SecurityContext } from '../types';
import { localDescendingPath } from './local-path';

const profileTypes = ['Localhost', 'RuntimeDefault', 'Unconfined'];

interface Profile {
  type?: string;
  localhostProfile?: string;
}

function validateSeccomp(profile: Profile | undefined, path: FieldPath): FieldError[] {
  if (!profile) return [];
  const typePath = path.child('type');
  const localPath = path.child('localhostProfile');
  const errors: FieldError[] = [];
  if (!profile.type) errors.push(required(typePath, 'type is required when seccompProfile is set'));
  else if (!profileTypes.includes(profile.type)) errors.push(notSupported(typePath, profile.type, profileTypes));
  if (profile.type === 'Localhost') {
    if (profile.localhostProfile === undefined) {
      errors.push(required(localPath, 'must be set when seccomp type is Localhost'));
    } else errors.push(...localDescendingPath(localPath, profile.localhostProfile));
  } else if (profile.localhostProfile !== undefined) {
    errors.push(invalid(localPath, profile, 'can only be set when seccomp type is Localhost'));
  }
  return errors;
}

function validateAppArmor(profile: Profile | undefined, path: FieldPath): FieldError[] {
  if (!profile) return [];
  const localPath = path.child('localhostProfile');
  const { type, localhostProfile: local } = profile;
  if (!type) return [required(path.child('type'), 'type is required when appArmorProfile is set')];
  if (!profileTypes.includes(type)) return [notSupported(path.child('type'), type, profileTypes)];
  if (type !== 'Localhost') {
    return local === undefined ? [] : [invalid(localPath, local, 'can only be set when AppArmor type is Localhost')];
  }
  if (!local) return [required(localPath, 'must be set when AppArmor type is Localhost')];
  return local.trim() === local ? [] : [invalid(localPath, local, 'must not be padded with whitespace')];
}

type Ids = Pick<SecurityContext, 'runAsUser' | 'runAsGroup'>;

function validateIds({ runAsUser, runAsGroup }: Ids, path: FieldPath): FieldError[] {
  return [
    ...(runAsUser === undefined ? [] : invalidEach(path.child('runAsUser'), runAsUser, isValidUserId(runAsUser))),
    ...(runAsGroup === undefined ? [] : invalidEach(path.child('runAsGroup'), runAsGroup, isValidGroupId(runAsGroup))),
  ];
}

/** A container's own security context. */
export function validateSecurityContext(
  context: SecurityContext | undefined,
  hostUsers: boolean,
  path: FieldPath,
): FieldError[] {
  if (!context) return [];
  const errors = validateIds(context, path);
  const { procMount } = context;
  if (procMount !== undefined) {
    errors.push(...optionalOneOf(path.child('procMount'), procMount, ['Default', 'Unmasked']));
    if (hostUsers && procMount === 'Unmasked') {
      errors.push(invalid(path.child('procMount'), procMount, '`hostUsers` must be false to use `Unmasked`'));
    }
  }
  errors.push(...validateSeccomp(context.seccompProfile, path.child('seccompProfile')));
  if (context.allowPrivilegeEscalation === false) {
    if (context.privileged) {
      errors.push(invalid(path, context, 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true'));
    }
    if (context.capabilities?.add?.includes('CAP_SYS_ADMIN')) {
      const detail = 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN';
      errors.push(invalid(path, context, detail));
    }
  }
  return [...errors, ...validateAppArmor(context.appArmorProfile, path.child('appArmorProfile'))];
}

const sysctlFormat = '([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const sysctlSegment = /^[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?$/;
const isSysctlName = (name: string): boolean =>
  name.length <= 253 && name.split(/[./]/).every((segment) => sysctlSegment.test(segment));

const isNetSysctl = (name: string): boolean => /^net[./]/.test(name);
const isIpcSysctl = (name: string): boolean =>
  /^kernel[./](shm|msg)/.test(name) || /^kernel[./]sem$/.test(name) || /^fs[./]mqueue[./]/.test(name);

function validateSysctls(spec: PodSpec, path: FieldPath): FieldError[] {
  const seen = new Set<string>();
  return (spec.securityContext?.sysctls ?? []).flatMap(({ name }, index) => {
    const at = path.index(index).child('name');
    const errors: FieldError[] = [];
    if (!name) errors.push(required(at));
    else if (!isSysctlName(name)) {
      errors.push(invalid(at, name, `must have at most 253 characters and match regex ^${sysctlFormat}$`));
    } else if (seen.has(name)) errors.push(duplicate(at, name));
    seen.add(name);
    if (spec.hostNetwork && isNetSysctl(name)) {
      errors.push(invalid(at, name, "may not be specified when 'hostNetwork' is true"));
    } else if (spec.hostIPC && isIpcSysctl(name)) {
      errors.push(invalid(at, name, "may not be specified when 'hostIPC' is true"));
    }
    return errors;
  });
}

const groupId = (path: FieldPath, id: number | undefined): FieldError[] =>
  id === undefined ? [] : invalidEach(path, id, isValidGroupId(id));

/** The pod's security context. `path` is that of the pod spec. */
export function validatePodSecurityContext(spec: PodSpec, path: FieldPath): FieldError[] {
  const context: PodSecurityContext = spec.securityContext ?? {};
  const at = path.child('securityContext');
  const errors: FieldError[] = [
    ...groupId(at.child('fsGroup'), context.fsGroup),
    ...validateIds(context, at),
    ...(context.supplementalGroups ?? []).flatMap((id, index) =>
      groupId(at.child('supplementalGroups').index(index), id),
    ),
  ];
  if (spec.shareProcessNamespace && spec.hostPID) {
    const detail = 'ShareProcessNamespace and HostPID cannot both be enabled';
    errors.push(invalid(at.child('shareProcessNamespace'), true, detail));
  }
  errors.push(...validateSysctls(spec, at.child('sysctls')));
  const choices: [string, string | undefined, string[]][] = [
    ['fsGroupChangePolicy', context.fsGroupChangePolicy, ['Always', 'OnRootMismatch']],
    ['supplementalGroupsPolicy', context.supplementalGroupsPolicy, ['Merge', 'Strict']],
    ['seLinuxChangePolicy', context.seLinuxChangePolicy, ['MountOption', 'Recursive']],
  ];
  for (const [field, value, supported] of choices) errors.push(...optionalOneOf(at.child(field), value, supported));
  errors.push(...validateSeccomp(context.seccompProfile, at.child('seccompProfile')));
  errors.push(...validateAppArmor(context.appArmorProfile, at.child('appArmorProfile')));
  if (spec.hostUsers === false) {
    const detail = 'when `pod.Spec.HostUsers` is false';
    if (spec.hostNetwork) errors.push(forbidden(path.child('hostNetwork'), detail));
    if (spec.hostPID) errors.push(forbidden(path.child('HostPID'), detail));
    if (spec.hostIPC) errors.push(forbidden(path.child('HostIPC'), detail));
  }
  return errors;
}

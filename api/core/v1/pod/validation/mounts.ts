/** How containers mount the pod's volumes. */
import {
  type FieldError,
  type FieldPath,
  forbidden,
  invalid,
  notFound,
  notSupported,
  required,
} from '../../../../meta/field-error';
import type { Container, Volume, VolumeMount } from '../types';
import { localDescendingPath, withoutBacksteps } from './local-path';

type Mounting = Pick<Container, 'volumeMounts' | 'volumeDevices' | 'securityContext'>;

export function validateVolumeMounts(container: Mounting, volumes: Map<string, Volume>, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const devices = container.volumeDevices ?? [];
  const mountPoints = new Set<string>();
  for (const [index, mount] of (container.volumeMounts ?? []).entries()) {
    const at = path.index(index);
    if (!mount.name) errors.push(required(at.child('name')));
    if (!volumes.has(mount.name)) errors.push(notFound(at.child('name'), mount.name));
    if (!mount.mountPath) errors.push(required(at.child('mountPath')));
    if (mountPoints.has(mount.mountPath))
      errors.push(invalid(at.child('mountPath'), mount.mountPath, 'must be unique'));
    mountPoints.add(mount.mountPath);
    if (devices.some(({ name }) => name === mount.name)) {
      errors.push(invalid(at.child('name'), mount.name, 'must not already exist in volumeDevices'));
    }
    if (devices.some(({ devicePath }) => devicePath === mount.mountPath)) {
      const detail = 'must not already exist as a path in volumeDevices';
      errors.push(invalid(at.child('mountPath'), mount.mountPath, detail));
    }
    errors.push(...validateSubPaths(mount, at, path));
    errors.push(...validatePropagation(mount, container, path), ...validateRecursiveReadOnly(mount, path));
  }
  return errors;
}

function validateSubPaths({ subPath, subPathExpr }: VolumeMount, at: FieldPath, path: FieldPath): FieldError[] {
  const errors = subPath ? localDescendingPath(path.child('subPath'), subPath) : [];
  if (!subPathExpr) return errors;
  if (subPath) {
    errors.push(invalid(at.child('subPathExpr'), subPathExpr, 'subPathExpr and subPath are mutually exclusive'));
  }
  return [...errors, ...localDescendingPath(path.child('subPathExpr'), subPathExpr)];
}

function validatePropagation(
  { mountPropagation: mode }: VolumeMount,
  container: Mounting,
  path: FieldPath,
): FieldError[] {
  if (mode === undefined) return [];
  const at = path.child('mountPropagation');
  const modes = ['Bidirectional', 'HostToContainer', 'None'];
  const errors = modes.includes(mode) ? [] : [notSupported(at, mode, modes)];
  if (mode === 'Bidirectional' && !container.securityContext?.privileged) {
    errors.push(forbidden(at, 'Bidirectional mount propagation is available only to privileged containers'));
  }
  return errors;
}

function validateRecursiveReadOnly(mount: VolumeMount, path: FieldPath): FieldError[] {
  const { recursiveReadOnly: mode, mountPropagation } = mount;
  if (mode === undefined) return [];
  const at = path.child('recursiveReadOnly');
  if (!['Disabled', 'Enabled', 'IfPossible'].includes(mode)) {
    return [notSupported(at, mode, ['Disabled', 'Enabled', 'IfPossible'])];
  }
  if (mode === 'Disabled') return [];
  const errors = mount.readOnly ? [] : [forbidden(at, 'may only be specified when readOnly is true')];
  if (mountPropagation !== undefined && mountPropagation !== 'None') {
    errors.push(forbidden(at, 'may only be specified when mountPropagation is None or not specified'));
  }
  return errors;
}

/** Block devices come from claims alone. */
export function validateVolumeDevices(
  container: Mounting,
  volumes: Map<string, Volume>,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = [];
  const mounts = container.volumeMounts ?? [];
  const names = new Set<string>();
  const paths = new Set<string>();
  for (const [index, { name, devicePath }] of (container.volumeDevices ?? []).entries()) {
    const namePath = path.index(index).child('name');
    const devicePathPath = path.index(index).child('devicePath');
    const volume = volumes.get(name);
    if (!name) errors.push(required(namePath));
    if (names.has(name)) errors.push(invalid(namePath, name, 'must be unique'));
    if (!volume) errors.push(notFound(namePath, name));
    else if (!volume.persistentVolumeClaim && !volume.ephemeral) {
      const detail = 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode';
      errors.push(invalid(namePath, name, detail));
    }
    if (!devicePath) errors.push(required(devicePathPath));
    if (paths.has(devicePath)) errors.push(invalid(devicePathPath, devicePath, 'must be unique'));
    if (withoutBacksteps(path, devicePath ?? '').length) {
      errors.push(invalid(devicePathPath, devicePath, "can not contain backsteps ('..')"));
    } else paths.add(devicePath);
    if (mounts.some((mount) => mount.name === name)) {
      errors.push(invalid(namePath, name, 'must not already exist in volumeMounts'));
    }
    if (mounts.some((mount) => mount.mountPath === devicePath)) {
      errors.push(invalid(devicePathPath, devicePath, 'must not already exist as a path in volumeMounts'));
    }
    if (name) names.add(name);
  }
  return errors;
}

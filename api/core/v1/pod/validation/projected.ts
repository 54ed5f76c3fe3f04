/** Volumes made of files: items of config maps and secrets, the downward API, and projections of several of them. */
import { type FieldError, type FieldPath, forbidden, invalid, required } from '../../../../meta/field-error';
import type { KeyToPath, ProjectedVolumeSource, VolumeProjection } from '../types';
import { type FieldRef, type ResourceFieldRef, validateFieldRef, validateResourceFieldRef } from './field-ref';
import { fileMode, localNonReservedPath } from './local-path';

const volumeFieldPaths = [
  'metadata.name',
  'metadata.namespace',
  'metadata.labels',
  'metadata.annotations',
  'metadata.uid',
];

const filePath = (path: FieldPath, value: string | undefined): FieldError[] =>
  value ? localNonReservedPath(path, value) : [required(path)];

export const validateItems = (items: KeyToPath[] | undefined, path: FieldPath): FieldError[] =>
  (items ?? []).flatMap((item, index) => [
    ...(item.key ? [] : [required(path.index(index).child('key'))]),
    ...filePath(path.index(index).child('path'), item.path),
    ...fileMode(path.index(index).child('mode'), item.mode),
  ]);

interface DownwardItem {
  path?: string;
  mode?: number;
  fieldRef?: FieldRef;
  resourceFieldRef?: ResourceFieldRef;
}

/** Errors point at the source, not at the single item, as upstream's do. */
export const validateDownwardItems = (items: DownwardItem[] | undefined, path: FieldPath): FieldError[] =>
  (items ?? []).flatMap(({ path: file, mode, fieldRef, resourceFieldRef }) => {
    const errors = filePath(path.child('path'), file);
    if (fieldRef) {
      errors.push(...validateFieldRef(fieldRef, volumeFieldPaths, path.child('fieldRef')));
      if (resourceFieldRef) {
        const detail = 'fieldRef and resourceFieldRef can not be specified simultaneously';
        errors.push(invalid(path, 'resource', detail));
      }
    } else if (resourceFieldRef) {
      errors.push(...validateResourceFieldRef(resourceFieldRef, true, path.child('resourceFieldRef')));
    } else {
      errors.push(required(path, 'one of fieldRef and resourceFieldRef is required'));
    }
    return [...errors, ...fileMode(path.child('mode'), mode)];
  });

type Token = NonNullable<VolumeProjection['serviceAccountToken']>;

function validateToken({ expirationSeconds, path: file }: Token, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const at = path.child('expirationSeconds');
  const seconds = expirationSeconds ?? 3600;
  if (seconds < 600) errors.push(invalid(at, seconds, 'may not specify a duration less than 10 minutes'));
  if (seconds > 2 ** 32) errors.push(invalid(at, seconds, 'may not specify a duration larger than 2^32 seconds'));
  return [...errors, ...filePath(path.child('path'), file)];
}

/** What one source puts into the volume, with the name upstream blames for a path that is there already. */
function filesOf(source: VolumeProjection): { blame: string; paths: string[] } {
  if (source.secret)
    return { blame: source.secret.name ?? '', paths: (source.secret.items ?? []).map(({ path }) => path) };
  if (source.configMap) {
    return { blame: source.configMap.name ?? '', paths: (source.configMap.items ?? []).map(({ path }) => path) };
  }
  if (source.downwardAPI)
    return { blame: 'downwardAPI', paths: (source.downwardAPI.items ?? []).map(({ path }) => path) };
  if (source.serviceAccountToken) {
    return { blame: source.serviceAccountToken.path, paths: [source.serviceAccountToken.path] };
  }
  if (source.clusterTrustBundle) {
    return { blame: source.clusterTrustBundle.path, paths: [source.clusterTrustBundle.path] };
  }
  return { blame: '', paths: [] };
}

function validateProjection(source: VolumeProjection, path: FieldPath): FieldError[] {
  const given: [string, (at: FieldPath) => FieldError[]][] = [];
  const { secret, configMap, downwardAPI, serviceAccountToken, clusterTrustBundle, podCertificate } = source;
  const named = (name: string | undefined, at: FieldPath) => (name ? [] : [required(at.child('name'))]);
  if (secret) {
    given.push(['secret', (at) => [...named(secret.name, at), ...validateItems(secret.items, at.child('items'))]]);
  }
  if (configMap) {
    given.push([
      'configMap',
      (at) => [...named(configMap.name, at), ...validateItems(configMap.items, at.child('items'))],
    ]);
  }
  if (downwardAPI) given.push(['downwardAPI', (at) => validateDownwardItems(downwardAPI.items, at)]);
  if (serviceAccountToken) given.push(['serviceAccountToken', (at) => validateToken(serviceAccountToken, at)]);
  if (clusterTrustBundle) {
    given.push(['clusterTrustBundle', (at) => filePath(at.child('path'), clusterTrustBundle.path)]);
  }
  if (podCertificate) given.push(['podCertificate', () => []]);
  return given.flatMap(([name, validate], index) =>
    index === 0 ? validate(path.child(name)) : [forbidden(path.child(name), 'may not specify more than 1 volume type')],
  );
}

export function validateProjected(volume: ProjectedVolumeSource, path: FieldPath): FieldError[] {
  const errors = fileMode(path.child('defaultMode'), volume.defaultMode);
  const taken = new Set<string>();
  for (const [index, source] of (volume.sources ?? []).entries()) {
    errors.push(...validateProjection(source, path.child('sources').index(index)));
    const { blame, paths } = filesOf(source);
    for (const file of paths) {
      if (file && taken.has(file)) errors.push(invalid(path, blame, 'conflicting duplicate paths'));
      taken.add(file);
    }
  }
  return errors;
}

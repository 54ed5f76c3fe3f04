/** Pods as created and updated. Upstream: ValidatePodCreate and ValidatePodUpdate. */
import { type FieldError, FieldPath, forbidden, invalid, required } from '../../../../meta/field-error';
import { cloneJson, deepEqual } from '../../../../meta/json';
import { inclusiveRangeError } from '../../../../meta/names';
import type { Container, Pod, PodSpec, Toleration } from '../types';
import { validateImageSpace } from './containers';
import { describeDifference } from './difference';
import { validatePodAnnotations, validatePodSpec } from './pod-spec';
import { validateTolerations } from './scheduling';

const specPath = FieldPath.of('spec');
const emptySpec: PodSpec = { containers: [] };

/** What holds for a pod at any time. Metadata itself is checked by generic code. */
export function validatePodMetadataAndSpec(pod: Pod): FieldError[] {
  const spec = pod.spec ?? emptySpec;
  const errors = [
    ...validatePodAnnotations(pod.metadata?.annotations, FieldPath.of('metadata', 'annotations')),
    ...validatePodSpec(spec, pod.metadata ?? {}, specPath),
  ];
  if (!spec.serviceAccountName) {
    for (const [index, { projected }] of (spec.volumes ?? []).entries()) {
      for (const [position, source] of (projected?.sources ?? []).entries()) {
        if (!source.serviceAccountToken) continue;
        const at = specPath.child('volumes').index(index).child('projected', 'sources').index(position);
        const detail = 'must not be specified when serviceAccountName is not set';
        errors.push(forbidden(at.child('serviceAccountToken'), detail));
      }
    }
  }
  return [
    ...errors,
    ...validateImageSpace(spec.containers, specPath.child('containers')),
    ...validateImageSpace(spec.initContainers, specPath.child('initContainers')),
  ];
}

export function validatePod(pod: Pod): FieldError[] {
  const errors = validatePodMetadataAndSpec(pod);
  const spec = pod.spec ?? emptySpec;
  if (spec.ephemeralContainers?.length) {
    errors.push(forbidden(specPath.child('ephemeralContainers'), 'cannot be set on create'));
  }
  if (spec.nodeName && spec.schedulingGates?.length) {
    const detail = 'cannot be set until all schedulingGates have been cleared';
    errors.push(forbidden(specPath.child('nodeName'), detail));
  }
  return errors;
}

const updatableFields = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',');

/** Undefined when the lists have different lengths, which ends the comparison. */
function validateImages(now: Container[] | undefined, old: Container[] | undefined, path: FieldPath) {
  if ((now ?? []).length !== (old ?? []).length) return undefined;
  return (now ?? []).flatMap(({ image = '' }, index): FieldError[] => {
    const at = path.index(index).child('image');
    if (!image) return [required(at)];
    return image.trim() === image ? [] : [invalid(at, image, 'must not have leading or trailing whitespace')];
  });
}

function validateAddedTolerations(now: Toleration[], old: Toleration[], path: FieldPath): FieldError[] {
  const withoutSeconds = ({ tolerationSeconds: _, ...rest }: Toleration) => rest;
  const kept = old.every((toleration) =>
    now.some((other) => deepEqual(withoutSeconds(toleration), withoutSeconds(other))),
  );
  if (!kept) return [forbidden(path, 'existing toleration can not be modified except its tolerationSeconds')];
  return validateTolerations(now, path);
}

/** The only changes that the main resource of a pod allows. */
export function validatePodUpdate(pod: Pod, old: Pod): FieldError[] {
  const spec = pod.spec ?? emptySpec;
  const oldSpec = old.spec ?? emptySpec;
  const errors = validatePodMetadataAndSpec(pod);
  for (const field of ['containers', 'initContainers'] as const) {
    const images = validateImages(spec[field], oldSpec[field], specPath.child(field));
    if (!images) {
      return [...errors, forbidden(specPath.child(field), 'pod updates may not add or remove containers')];
    }
    errors.push(...images);
  }
  const deadlineErrors = validateDeadline(spec.activeDeadlineSeconds, oldSpec.activeDeadlineSeconds);
  errors.push(...deadlineErrors);
  if (deadlineErrors.length && spec.activeDeadlineSeconds !== undefined) return errors;
  const { tolerations = [], schedulingGates = [] } = spec;
  errors.push(...validateAddedTolerations(tolerations, oldSpec.tolerations ?? [], specPath.child('tolerations')));
  const oldGates = (oldSpec.schedulingGates ?? []).map(({ name }) => name);
  for (const [index, { name }] of schedulingGates.entries()) {
    if (oldGates.includes(name)) continue;
    const detail = `only deletion is allowed, but found new scheduling gate '${name}'`;
    errors.push(forbidden(specPath.child('schedulingGates').index(index).child('name'), detail));
  }
  if (deepEqual(spec, oldSpec)) return errors;
  const munged = withUpdatableFieldsOf(spec, oldSpec);
  if (oldGates.length) {
    errors.push(...validateGatedSelector(munged, oldSpec));
    munged.nodeSelector = oldSpec.nodeSelector;
    munged.affinity = withoutEmpty(
      { ...munged.affinity, nodeAffinity: oldSpec.affinity?.nodeAffinity },
      oldSpec.affinity,
    );
  }
  if (!deepEqual(munged, oldSpec)) {
    const difference = describeDifference('core.PodSpec', oldSpec, munged);
    errors.push(forbidden(specPath, `pod updates may not change fields other than ${updatableFields}\n${difference}`));
  }
  return errors;
}

const withoutEmpty = <T extends object>(value: T, like: T | undefined): T | undefined =>
  like === undefined && Object.values(value).every((field) => field === undefined) ? undefined : value;

function validateDeadline(now: number | undefined, old: number | undefined): FieldError[] {
  const path = specPath.child('activeDeadlineSeconds');
  if (now === undefined) {
    return old === undefined ? [] : [invalid(path, undefined, 'must not update from a positive integer to nil value')];
  }
  if (now < 0 || now > 2 ** 31 - 1) return [invalid(path, now, inclusiveRangeError(0, 2 ** 31 - 1))];
  return old !== undefined && old < now ? [invalid(path, now, 'must be less than or equal to previous value')] : [];
}

/** The new spec with everything updatable put back, so that what still differs is what may not change. */
function withUpdatableFieldsOf(spec: PodSpec, old: PodSpec): PodSpec {
  const munged = cloneJson(spec);
  for (const field of ['containers', 'initContainers'] as const) {
    for (const [index, container] of (munged[field] ?? []).entries()) container.image = old[field]?.[index]?.image;
  }
  munged.activeDeadlineSeconds = old.activeDeadlineSeconds;
  munged.schedulingGates = old.schedulingGates;
  munged.tolerations = old.tolerations;
  const oldGrace = old.terminationGracePeriodSeconds;
  if (oldGrace !== undefined && oldGrace < 0 && munged.terminationGracePeriodSeconds === 1) {
    munged.terminationGracePeriodSeconds = oldGrace;
  }
  return munged;
}

/** A gated pod's node selector may grow. */
function validateGatedSelector(spec: PodSpec, old: PodSpec): FieldError[] {
  const kept = Object.entries(old.nodeSelector ?? {}).every(([key, value]) => spec.nodeSelector?.[key] === value);
  if (kept) return [];
  const detail = 'only additions to spec.nodeSelector are allowed (no mutations or deletions)';
  return [invalid(specPath.child('nodeSelector'), spec.nodeSelector ?? {}, detail)];
}

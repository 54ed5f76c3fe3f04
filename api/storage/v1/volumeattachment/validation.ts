/** Checks of a VolumeAttachment. Upstream: `pkg/apis/storage/validation`. */
import { validateVolumeSource } from '../../../core/v1/persistentvolume/sources';
import { validateDriverName } from '../../../core/v1/storage-facts';
import type { PersistentVolumeSpec } from '../../../core/v1/persistentvolume/types';
import { at, invalidEach } from '../../../meta/field-checks';
import {
  type FieldError,
  type FieldPath,
  forbidden,
  immutable,
  invalid,
  required,
  tooLong,
} from '../../../meta/field-error';
import { deepEqual } from '../../../meta/json';
import { inclusiveRangeError, isDns1123Subdomain } from '../../../meta/names';
import type { VolumeAttachment, VolumeError } from '.';

const maxMetadataBytes = 256 * 1024;
const maxMessageBytes = 1024;

type Source = NonNullable<VolumeAttachment['spec']>['source'];

export function validateAttachment(attachment: VolumeAttachment): FieldError[] {
  const path = at('spec');
  const volumeName = attachment.spec?.source?.persistentVolumeName;
  return [
    ...validateState(attachment),
    ...validateDriverName(attachment.spec?.attacher, path.child('attacher')),
    ...(volumeName
      ? invalidEach(path.child('source', 'persistentVolumeName'), volumeName, isDns1123Subdomain(volumeName))
      : []),
  ];
}

/** The spec says which attachment it is. */
export const validateAttachmentUpdate = (attachment: VolumeAttachment, old: VolumeAttachment): FieldError[] => [
  ...validateState(attachment),
  ...(deepEqual(attachment.spec, old.spec) ? [] : [immutable(at('spec'), attachment.spec)]),
];

function validateState({ spec, status }: VolumeAttachment): FieldError[] {
  const path = at('spec');
  const statusPath = at('status');
  const node = spec?.nodeName ?? '';
  const metadata = Object.entries(status?.attachmentMetadata ?? {});
  const bytes = metadata.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  return [
    ...(spec?.attacher ? [] : [required(path.child('attacher'))]),
    ...validateSource(spec?.source ?? {}, path.child('source')),
    ...invalidEach(path.child('nodeName'), node, isDns1123Subdomain(node)),
    ...(bytes > maxMetadataBytes ? [tooLong(statusPath.child('attachmentMetadata'), '', maxMetadataBytes)] : []),
    ...validateVolumeError(status?.attachError, statusPath.child('attachError')),
    ...validateVolumeError(status?.detachError, statusPath.child('detachError')),
  ];
}

function validateSource(
  { inlineVolumeSpec: inline, persistentVolumeName: name }: Source,
  path: FieldPath,
): FieldError[] {
  const exactlyOne = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';
  if (inline && name !== undefined) return [forbidden(path, exactlyOne)];
  if (inline) return validateInline(inline, path.child('inlineVolumeSpec'));
  if (name === undefined) return [required(path, exactlyOne)];
  return name ? [] : [required(path.child('persistentVolumeName'), 'must specify non empty persistentVolumeName')];
}

/** A volume that stands in a pod's place has no life of its own. */
function validateInline(spec: PersistentVolumeSpec, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const detail = 'may not be specified in the context of inline volumes';
  if (spec.claimRef) errors.push(forbidden(path.child('claimRef'), detail));
  if (Object.keys(spec.capacity ?? {}).length) errors.push(forbidden(path.child('capacity'), detail));
  if (!spec.csi) errors.push(required(path.child('csi'), 'has to be specified in the context of inline volumes'));
  if (!spec.accessModes?.length) errors.push(required(path.child('accessModes')));
  return [...errors, ...validateVolumeSource(spec, path)];
}

function validateVolumeError(error: VolumeError | undefined, path: FieldPath): FieldError[] {
  const { message = '', errorCode = 0 } = error ?? {};
  const errors: FieldError[] = [];
  // The limit that upstream names is that of the metadata.
  if (Buffer.byteLength(message) > maxMessageBytes) errors.push(tooLong(path.child('message'), '', maxMetadataBytes));
  if (errorCode >= 0) return errors;
  return [...errors, invalid(path.child('errorCode'), errorCode, inclusiveRangeError(0, 2 ** 31 - 1))];
}

/** What volumes and claims share: modes, classes, and how they print. Upstream: `pkg/apis/core/v1/helper` and validation. */
import { invalidEach, optionalOneOf } from '../../meta/field-checks';
import {
  type FieldError,
  type FieldPath,
  forbidden,
  invalid,
  notSupported,
  required,
  tooLong,
} from '../../meta/field-error';
import { isDns1123Subdomain, nameIsDnsSubdomain } from '../../meta/names';
import { Quantity } from '../../meta/quantity';
import type { KubeObject } from '../../meta/types';

/** Where the storage class was before `spec.storageClassName` existed. */
export const betaStorageClassAnnotation = 'volume.beta.kubernetes.io/storage-class';

const shortModes = { ReadWriteOnce: 'RWO', ReadOnlyMany: 'ROX', ReadWriteMany: 'RWX', ReadWriteOncePod: 'RWOP' };

/** `RWO,RWX` */
export const formatAccessModes = (modes: readonly string[] | undefined): string =>
  Object.entries(shortModes)
    .filter(([mode]) => modes?.includes(mode))
    .map(([, short]) => short)
    .join(',');

/** The class by annotation or by field; '' for none. */
export const storageClassOf = ({
  metadata,
  spec,
}: KubeObject & { spec?: { storageClassName?: string | undefined } }): string =>
  metadata?.annotations?.[betaStorageClassAnnotation] ?? spec?.storageClassName ?? '';

export const formatPhase = ({ metadata, status }: KubeObject & { status?: { phase?: string | undefined } }): string =>
  metadata?.deletionTimestamp ? 'Terminating' : (status?.phase ?? '');

/** Known modes; ReadWriteOncePod stands alone. */
export function validateAccessModes(modes: readonly string[] | undefined, path: FieldPath): FieldError[] {
  const supported = Object.keys(shortModes);
  const errors = (modes ?? []).flatMap((mode) => optionalOneOf(path, mode, supported));
  const known = new Set((modes ?? []).filter((mode) => supported.includes(mode)));
  if (known.has('ReadWriteOncePod') && known.size > 1) {
    errors.push(forbidden(path, 'may not use ReadWriteOncePod with other access modes'));
  }
  return errors;
}

export const validateVolumeMode = (mode: string | undefined, path: FieldPath): FieldError[] =>
  mode === undefined || mode === 'Block' || mode === 'Filesystem'
    ? []
    : [notSupported(path, mode, ['Block', 'Filesystem'])];

export const validateClassName = (name: string | undefined, path: FieldPath): FieldError[] =>
  name ? nameIsDnsSubdomain(name, false).map((message) => invalid(path, name, message)) : [];

export function validatePositiveQuantity(text: string, path: FieldPath): FieldError[] {
  const quantity = Quantity.tryParse(text);
  if (quantity && !quantity.isNegative() && !quantity.isZero()) return [];
  return [invalid(path, quantity?.toString() ?? text, 'must be greater than zero')];
}

/** Upstream's validateBasicResource. */
export function validateCapacity(text: string, path: FieldPath): FieldError[] {
  const quantity = Quantity.tryParse(text);
  return quantity && !quantity.isNegative()
    ? []
    : [invalid(path, quantity?.value() ?? text, 'must be a valid resource quantity')];
}

/** The name of a CSI driver: a subdomain of at most 63 characters, in either case. */
export function validateDriverName(name: string | undefined, path: FieldPath): FieldError[] {
  const text = name ?? '';
  return [
    ...(text ? [] : [required(path)]),
    ...(text.length > 63 ? [tooLong(path, text, 63)] : []),
    ...invalidEach(path, text, isDns1123Subdomain(text.toLowerCase())),
  ];
}

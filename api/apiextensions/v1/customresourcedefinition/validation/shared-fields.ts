/**
 * Where errors of a version's fields are reported. Upstream's internal form has one top-level field for what all versions have
 * alike, and messages show its paths: `spec.validation.openAPIV3Schema` instead of `spec.versions[0].schema.openAPIV3Schema`.
 */
import type { FieldPath } from '../../../../meta/field-error';
import { deepEqual } from '../../../../meta/json';
import type { CustomResourceDefinitionVersion } from '../types';

/** By the field of a version: the top-level field it moves to. */
const topLevel = {
  schema: 'validation',
  subresources: 'subresources',
  additionalPrinterColumns: 'additionalPrinterColumns',
  selectableFields: 'selectableFields',
} as const;

export type VersionField = keyof typeof topLevel;

/** A field's value in one version, or in all of them. */
export interface Placed<F extends VersionField> {
  path: FieldPath;
  value: NonNullable<CustomResourceDefinitionVersion[F]>;
  /** Every version that has it there. */
  versions: CustomResourceDefinitionVersion[];
}

/** The values of `field`, each where upstream reports it. `path` is that of `spec`. */
export function placesOf<F extends VersionField>(
  versions: readonly CustomResourceDefinitionVersion[],
  field: F,
  path: FieldPath,
): Placed<F>[] {
  const value = versions[0]?.[field];
  const isShared = versions.every((version) => deepEqual(version[field] ?? null, value ?? null));
  if (isShared) return value ? [{ path: path.child(topLevel[field]), value, versions: [...versions] }] : [];
  return versions.flatMap((version, index) => {
    const own = version[field];
    return own ? [{ path: path.child('versions').index(index).child(field), value: own, versions: [version] }] : [];
  });
}

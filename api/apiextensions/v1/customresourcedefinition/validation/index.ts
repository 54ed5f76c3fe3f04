/**
 * What may be a CustomResourceDefinition. Upstream: `pkg/apis/apiextensions/validation/validation.go`. What needs the
 * validation of values (defaults) or engines (patterns, CEL) is checked by the API server's hooks.
 */
import { isConditionTrue } from '../../../../meta/conditions';
import { at } from '../../../../meta/field-checks';
import { type FieldError, immutable, invalid } from '../../../../meta/field-error';
import { validateCaBundle } from '../../../../meta/webhook-client-config';
import type { CustomResourceDefinition } from '../types';
import { validateApproval } from './approval';
import { validateNames } from './names';
import { validateSpec } from './spec';

export function validateDefinition(definition: CustomResourceDefinition): FieldError[] {
  const { metadata, spec } = definition;
  const name = metadata?.name ?? '';
  const misnamed = name !== `${spec?.names?.plural ?? ''}.${spec?.group ?? ''}`;
  return [
    ...(misnamed ? [invalid(at('metadata', 'name'), name, 'must be spec.names.plural+"."+spec.group')] : []),
    ...validateState(definition),
    ...validateApproval(definition),
    ...preserveErrors(definition),
  ];
}

export function validateDefinitionUpdate(
  definition: CustomResourceDefinition,
  old: CustomResourceDefinition,
): FieldError[] {
  return [
    ...validateState(definition),
    ...(isEstablished(old) ? establishedErrors(definition, old) : []),
    ...unchangedNames(definition, old),
    ...validateApproval(definition, old),
    ...(old.spec?.preserveUnknownFields ? [] : preserveErrors(definition)),
  ];
}

export const validateDefinitionStatus = ({ status }: CustomResourceDefinition): FieldError[] =>
  validateNames(status?.acceptedNames ?? {}, at('status', 'acceptedNames'));

const isEstablished = ({ status }: CustomResourceDefinition): boolean =>
  isConditionTrue(status?.conditions, 'Established');

const validateState = (definition: CustomResourceDefinition): FieldError[] => [
  ...validateSpec(definition.spec ?? {}, at('spec')),
  ...validateDefinitionStatus(definition),
  ...validateStoredVersions(definition),
];

function validateStoredVersions({ spec, status }: CustomResourceDefinition): FieldError[] {
  const path = at('status', 'storedVersions');
  const stored = status?.storedVersions ?? [];
  const versions = spec?.versions ?? [];
  if (stored.length === 0) return [invalid(path, stored, 'must have at least one stored version')];
  const errors = versions
    .filter((version) => version.storage && !stored.includes(version.name))
    .map(({ name }) => invalid(path, stored, `must have the storage version ${name}`));
  for (const [index, name] of stored.entries()) {
    if (versions.some((version) => version.name === name)) continue;
    const detail =
      `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a ` +
      `storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`;
    errors.push(invalid(path.index(index), name, detail));
  }
  return errors;
}

/** These decide where objects are stored. */
function unchangedNames({ spec }: CustomResourceDefinition, old: CustomResourceDefinition): FieldError[] {
  const path = at('spec');
  return [
    ...(spec?.group === old.spec?.group ? [] : [immutable(path.child('group'), spec?.group)]),
    ...(spec?.names?.plural === old.spec?.names?.plural
      ? []
      : [immutable(path.child('names', 'plural'), spec?.names?.plural)]),
  ];
}

/** Once objects may exist, they keep their scope and kind, and what converts them must be reachable. */
function establishedErrors({ spec }: CustomResourceDefinition, old: CustomResourceDefinition): FieldError[] {
  const path = at('spec');
  const errors: FieldError[] = [];
  if (spec?.scope !== old.spec?.scope) errors.push(immutable(path.child('scope'), spec?.scope));
  if (spec?.names?.kind !== old.spec?.names?.kind) {
    errors.push(immutable(path.child('names', 'kind'), spec?.names?.kind));
  }
  const bundlePath = path.child('conversion', 'webhookClientConfig', 'caBundle');
  const bundleErrors = (crd: CustomResourceDefinition): FieldError[] => {
    const bundle = crd.spec?.conversion?.webhook?.clientConfig?.caBundle;
    return bundle ? validateCaBundle(bundle, bundlePath) : [];
  };
  return bundleErrors(old).length ? errors : [...errors, ...bundleErrors({ spec })];
}

function preserveErrors({ spec }: CustomResourceDefinition): FieldError[] {
  if (!spec?.preserveUnknownFields) return [];
  const detail =
    'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead';
  return [invalid(at('spec', 'preserveUnknownFields'), true, detail)];
}

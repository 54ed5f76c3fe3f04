/** The spec of a CustomResourceDefinition: group, scope, names, versions and conversion. */
import { oneOf } from '../../../../meta/field-checks';
import { type FieldError, type FieldPath, invalid, required } from '../../../../meta/field-error';
import { isDns1035Label, isDns1123Subdomain } from '../../../../meta/names';
import type { CustomResourceDefinitionSpec, CustomResourceDefinitionVersion } from '../types';
import { validateColumns } from './columns';
import { validateConversion } from './conversion';
import { validateNames } from './names';
import { validateRootSchema } from './root-schema';
import { validateSelectableFields } from './selectable-fields';
import { placesOf } from './shared-fields';
import { validateSubresources } from './subresources';

export function validateSpec(spec: Partial<CustomResourceDefinitionSpec>, path: FieldPath): FieldError[] {
  const { versions = [], names = {}, conversion } = spec;
  const namesPath = path.child('names');
  return [
    ...validateGroup(spec.group ?? '', path.child('group')),
    ...oneOf(path.child('scope'), spec.scope, ['Cluster', 'Namespaced']),
    ...validateVersions(versions, path),
    ...(['plural', 'singular', 'kind', 'listKind'] as const)
      .filter((field) => !(names as Partial<Record<typeof field, string>>)[field])
      .map((field) => required(namesPath.child(field))),
    ...validateNames(names, namesPath),
    ...(conversion ? validateConversion(conversion, path.child('conversion')) : []),
  ];
}

function validateGroup(group: string, path: FieldPath): FieldError[] {
  if (!group) return [required(path)];
  const messages = isDns1123Subdomain(group);
  if (messages.length) return [invalid(path, group, messages.join(','))];
  return group.includes('.') ? [] : [invalid(path, group, 'should be a domain with at least one dot')];
}

function validateVersions(versions: CustomResourceDefinitionVersion[], path: FieldPath): FieldError[] {
  const versionsPath = path.child('versions');
  const errors = versions.flatMap((version, index) => {
    const at = versionsPath.index(index);
    const messages = isDns1035Label(version.name ?? '');
    return [
      ...(version.schema?.openAPIV3Schema ? [] : [required(at.child('schema', 'openAPIV3Schema'))]),
      ...(messages.length ? [invalid(at.child('name'), version.name ?? '', messages.join(','))] : []),
      ...validateDeprecation(version, at.child('deprecationWarning')),
    ];
  });
  if (new Set(versions.map(({ name }) => name)).size < versions.length) {
    errors.push(invalid(versionsPath, versions, 'must contain unique version names'));
  }
  if (versions.filter(({ storage }) => storage).length !== 1) {
    errors.push(invalid(versionsPath, versions, 'must have exactly one version marked as storage version'));
  }
  return [...errors, ...validateVersionFields(versions, path)];
}

function validateVersionFields(versions: CustomResourceDefinitionVersion[], path: FieldPath): FieldError[] {
  return [
    ...placesOf(versions, 'schema', path).flatMap(({ value, path: at, versions: users }) => {
      const schema = value.openAPIV3Schema;
      const hasStatus = users.some(({ subresources }) => subresources?.status);
      return schema ? validateRootSchema(schema, { path: at.child('openAPIV3Schema'), hasStatus }) : [];
    }),
    ...placesOf(versions, 'subresources', path).flatMap((place) => validateSubresources(place.value, place.path)),
    ...placesOf(versions, 'additionalPrinterColumns', path).flatMap(({ value, path: at }) =>
      validateColumns(value, at),
    ),
    ...placesOf(versions, 'selectableFields', path).flatMap((place) =>
      validateSelectableFields(place.value, place.versions[0]?.schema?.openAPIV3Schema, place.path),
    ),
  ];
}

const maxWarningLength = 256;
/** Go's unicode.IsPrint: letters, marks, numbers, punctuation, symbols and the space. */
const notPrintable = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u;

function validateDeprecation(
  { deprecated, deprecationWarning: warning }: CustomResourceDefinitionVersion,
  path: FieldPath,
): FieldError[] {
  if (warning === undefined) return [];
  if (!deprecated) return [invalid(path, warning, 'can only be set for deprecated versions')];
  const details: string[] = [];
  if (Buffer.byteLength(warning) > maxWarningLength) details.push(`must be <= ${maxWarningLength} characters long`);
  if (warning === '') details.push('must not be an empty string');
  const hidden = notPrintable.exec(warning);
  if (hidden) {
    const index = Buffer.byteLength(warning.slice(0, hidden.index));
    const found = `non-printable character found at index ${index}`;
    details.push(`must only contain printable UTF-8 characters; ${found}`);
  }
  return details.map((detail) => invalid(path, warning, detail));
}

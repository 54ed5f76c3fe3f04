/** Fields that field selectors may name. */
import { duplicate, type FieldError, type FieldPath, invalid, required, tooMany } from '../../../../meta/field-error';
import type { JsonSchemaProps, SelectableField } from '../types';
import { resolveFieldPath } from './field-path';

const maxSelectableFields = 8;
const selectableTypes: readonly unknown[] = ['string', 'boolean', 'integer'];

export function validateSelectableFields(
  fields: SelectableField[],
  schema: JsonSchemaProps | undefined,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [index, { jsonPath }] of fields.entries()) {
    const at = path.index(index).child('jsonPath');
    if (!jsonPath) {
      errors.push(required(at));
      continue;
    }
    const found = resolveFieldPath(jsonPath, schema ?? {}, { arrayNotation: false });
    if ('problem' in found) {
      errors.push(invalid(at, jsonPath, `is an invalid path: ${found.problem}`));
      continue;
    }
    if (found.names[0] === 'metadata') errors.push(invalid(at, jsonPath, 'must not point to fields in metadata'));
    if (!selectableTypes.includes(found.schema.type)) {
      const detail =
        'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.';
      errors.push(invalid(at, jsonPath, detail));
    }
    const key = JSON.stringify(found.names);
    if (seen.has(key)) errors.push(duplicate(at, jsonPath));
    seen.add(key);
  }
  if (seen.size > maxSelectableFields) errors.push(tooMany(path, seen.size, maxSelectableFields));
  return errors;
}

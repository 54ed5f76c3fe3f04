/** The names that a kind is called by. */
import { type FieldError, type FieldPath, invalid } from '../../../../meta/field-error';
import { isDns1035Label } from '../../../../meta/names';
import type { CustomResourceDefinitionNames } from '../types';

export function validateNames(names: Partial<CustomResourceDefinitionNames>, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const label = (value: string, at: FieldPath): void => {
    const messages = isDns1035Label(value);
    if (messages.length) errors.push(invalid(at, value, messages.join(',')));
  };
  for (const field of ['plural', 'singular'] as const) if (names[field]) label(names[field], path.child(field));
  for (const field of ['kind', 'listKind'] as const) {
    const value = names[field];
    const messages = value ? isDns1035Label(value.toLowerCase()) : [];
    if (messages.length === 0) continue;
    const detail = `may have mixed case, but should otherwise match: ${messages.join(',')}`;
    errors.push(invalid(path.child(field), value, detail));
  }
  names.shortNames?.forEach((name, index) => label(name, path.child('shortNames').index(index)));
  // Otherwise nobody could tell a list from an object.
  if (names.kind && names.kind === names.listKind) {
    errors.push(invalid(path.child('listKind'), names.listKind, 'kind and listKind may not be the same'));
  }
  names.categories?.forEach((category, index) => label(category, path.child('categories').index(index)));
  return errors;
}

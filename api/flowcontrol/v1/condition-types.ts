/** Conditions of flow control are checked for their types alone. */
import { at } from '../../meta/field-checks';
import { duplicate, type FieldError, required } from '../../meta/field-error';

export function validateConditionTypes(conditions: readonly { type?: string }[] | undefined): FieldError[] {
  const seen = new Set<string>();
  return (conditions ?? []).flatMap(({ type = '' }, index) => {
    const path = at('status', 'conditions').index(index).child('type');
    const errors = seen.has(type) ? [duplicate(path, type)] : [];
    seen.add(type);
    return type ? errors : [...errors, required(path, 'must not be empty')];
  });
}

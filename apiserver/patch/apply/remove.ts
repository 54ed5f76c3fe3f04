/** Takes fields out of a value. Upstream: structured-merge-diff `typed/remove.go`. */
import { type FieldSet, isEmpty, isMember } from './field-set';
import { elementOrUndefined } from './list-items';
import { fieldElement } from './path-element';
import type { TypeSchema } from './type-schema';
import { formOf } from './typed-value';

/**
 * The value without the members of `fields` and all that is below them; undefined once nothing is left of it. What is
 * unchanged is shared.
 */
export function removeFields(type: TypeSchema, value: unknown, fields: FieldSet): unknown {
  if (isEmpty(fields) || typeof value !== 'object' || value === null) return value;
  const { map, list } = formOf(type, value);
  if (map) {
    if (map.atomic) return undefined;
    const kept: Record<string, unknown> = {};
    for (const [name, member] of Object.entries(value)) {
      const child = fields[fieldElement(name)];
      if (isMember(child)) continue;
      const rest = child ? removeFields(map.fields.get(name)?.type ?? map.element ?? {}, member, child) : member;
      if (rest !== undefined) kept[name] = rest;
    }
    return isEmpty(kept as FieldSet) ? undefined : kept;
  }
  if (list) {
    if (list.relationship === 'atomic') return undefined;
    const kept: unknown[] = [];
    for (const item of value as unknown[]) {
      const element = elementOrUndefined(list, item);
      const child = element === undefined ? undefined : fields[element];
      if (isMember(child)) continue;
      const rest = child ? removeFields(list.item, item, child) : item;
      if (rest !== undefined) kept.push(rest);
    }
    return kept.length > 0 ? kept : undefined;
  }
  return value;
}

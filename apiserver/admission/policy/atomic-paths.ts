/** Where a configuration touches atomic values: merging would drop whatever it does not name. */
import { itemElement } from '../../patch/apply/list-items';
import { printElement } from '../../patch/apply/path-element';
import type { TypeSchema } from '../../patch/apply/type-schema';
import { formOf, listOrEmpty, mapOrEmpty } from '../../patch/apply/typed-value';

/** Pure: `.spec.selector`, `.spec.containers[name="a"].args`. */
export function atomicPaths(type: TypeSchema, value: unknown, path = ''): string[] {
  const { map, list } = formOf(type, value);
  if (map) {
    if (map.atomic && path) return [path];
    return Object.entries(mapOrEmpty(value)).flatMap(([name, member]) =>
      atomicPaths(map.fields.get(name)?.type ?? map.element ?? {}, member, `${path}.${name}`),
    );
  }
  if (!list) return [];
  if (list.relationship === 'atomic') return [path];
  if (list.relationship === 'set') return [];
  return listOrEmpty(value).flatMap((item) =>
    atomicPaths(list.item, item, `${path}${printElement(itemElement(list, item))}`),
  );
}

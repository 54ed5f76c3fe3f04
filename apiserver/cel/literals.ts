/** Lists, maps and messages as expressions write them, with entries that may be left out. */
import type { ListLiteral, MapLiteral, StructLiteral } from './ast';
import { Failure, noSuchOverload } from './errors';
import type { Compilation, Eval, Slots } from './frame';
import { ArrayList, BuiltStruct, CelOptional, type CelValue, EntryMap, mapKey } from './values';

/** The value of an optional element or entry; undefined when it is to be left out. */
function unwrap(value: CelValue, optional: boolean): CelValue | undefined {
  if (!optional) return value;
  if (!(value instanceof CelOptional)) throw noSuchOverload();
  return value.present ? value.value : undefined;
}

export function compileList({ elements }: ListLiteral, context: Compilation, slots: Slots): Eval {
  const parts = elements.map(({ value, optional }) => ({ value: context.compile(value, slots), optional }));
  return (frame) => {
    frame.meter.spend(10);
    const items: CelValue[] = [];
    for (const { value, optional } of parts) {
      const item = unwrap(value(frame), optional);
      if (item !== undefined) items.push(item);
    }
    return new ArrayList(items);
  };
}

export function compileMap({ entries }: MapLiteral, context: Compilation, slots: Slots): Eval {
  const parts = entries.map(({ key, value, optional }) => ({
    key: context.compile(key, slots),
    value: context.compile(value, slots),
    optional,
  }));
  return (frame) => {
    frame.meter.spend(30);
    const map = new EntryMap();
    for (const { key, value, optional } of parts) {
      const name = key(frame);
      if (mapKey(name) === undefined) throw new Failure('unsupported key type');
      const item = unwrap(value(frame), optional);
      if (item !== undefined && !map.add(name, item)) throw new Failure(`duplicate map key: ${String(name)}`);
    }
    return map;
  };
}

export function compileStruct({ type, fields }: StructLiteral, context: Compilation, slots: Slots): Eval {
  const parts = fields.map(({ name, value, optional }) => ({
    name,
    optional,
    value: context.compile(value, slots),
  }));
  return (frame) => {
    frame.meter.spend(40);
    const built = new Map<string, CelValue>();
    for (const { name, value, optional } of parts) {
      const item = unwrap(value(frame), optional);
      if (item !== undefined) built.set(name, item);
    }
    return new BuiltStruct(type, built);
  };
}

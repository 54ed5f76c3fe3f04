/** CEL's types, as the checker compares them and messages print them. */

export interface ObjectType {
  kind: 'object';
  name: string;
  /** By the name used in expressions. */
  fields: ReadonlyMap<string, FieldType>;
}

export interface FieldType {
  type: CelType;
  /** The member of the JSON object; differs where the name had to be escaped. */
  jsonName: string;
}

export type PrimitiveKind =
  'dyn' | 'null' | 'bool' | 'int' | 'uint' | 'double' | 'string' | 'bytes' | 'timestamp' | 'duration';

/** `maxSize` bounds characters, elements or entries: what the estimate of cost multiplies with. */
export type CelType =
  | { kind: PrimitiveKind; maxSize?: number }
  | { kind: 'list'; element: CelType; maxSize?: number; listType?: 'set' | 'map' | 'atomic'; mapKeys?: string[] }
  | { kind: 'map'; key: CelType; value: CelType; maxSize?: number }
  | { kind: 'optional'; of: CelType }
  | { kind: 'type'; of?: CelType }
  | { kind: 'opaque'; name: string }
  | { kind: 'param'; name: string }
  | ObjectType;

const primitive = (kind: PrimitiveKind): CelType => ({ kind });
export const types = {
  dyn: primitive('dyn'),
  null: primitive('null'),
  bool: primitive('bool'),
  int: primitive('int'),
  uint: primitive('uint'),
  double: primitive('double'),
  string: primitive('string'),
  bytes: primitive('bytes'),
  timestamp: primitive('timestamp'),
  duration: primitive('duration'),
  list: (element: CelType, maxSize?: number): CelType => ({
    kind: 'list',
    element,
    ...(maxSize !== undefined && { maxSize }),
  }),
  map: (key: CelType, value: CelType): CelType => ({ kind: 'map', key, value }),
  optional: (of: CelType): CelType => ({ kind: 'optional', of }),
  opaque: (name: string): CelType => ({ kind: 'opaque', name }),
  object: (name: string, fields: Record<string, CelType>): ObjectType => ({
    kind: 'object',
    name,
    fields: new Map(Object.entries(fields).map(([key, type]) => [key, { type, jsonName: key }])),
  }),
} as const;

const printed: Partial<Record<CelType['kind'], string>> = {
  timestamp: 'timestamp',
  duration: 'duration',
  null: 'null',
};

/** As messages print it: `list(string)`, `map(string, dyn)`. */
export function formatType(type: CelType): string {
  switch (type.kind) {
    case 'list':
      return `list(${formatType(type.element)})`;
    case 'map':
      return `map(${formatType(type.key)}, ${formatType(type.value)})`;
    case 'optional':
      return `optional_type(${formatType(type.of)})`;
    case 'type':
      return type.of ? `type(${formatType(type.of)})` : 'type';
    case 'opaque':
    case 'object':
    case 'param':
      return type.name;
    default:
      return printed[type.kind] ?? type.kind;
  }
}

export type Bindings = Map<string, CelType>;

/** True if a value of `actual` can stand where `wanted` is asked for. Binds the type parameters of `wanted`. */
export function isAssignable(wanted: CelType, actual: CelType, bindings?: Bindings): boolean {
  if (wanted.kind === 'param') {
    const bound = bindings?.get(wanted.name);
    if (!bound) {
      bindings?.set(wanted.name, actual);
      return true;
    }
    if (bound.kind === 'dyn') return true;
    if (isAssignable(bound, actual)) {
      // The more precise of `list(dyn)` and `list(int)` is of no use when both may come.
      if (isAssignable(actual, bound) && actual.kind === 'dyn') bindings?.set(wanted.name, types.dyn);
      return true;
    }
    if (isAssignable(actual, bound)) {
      bindings?.set(wanted.name, actual);
      return true;
    }
    return false;
  }
  if (wanted.kind === 'dyn' || actual.kind === 'dyn') return true;
  if (actual.kind === 'null')
    return ['null', 'object', 'timestamp', 'duration', 'optional', 'opaque'].includes(wanted.kind);
  if (wanted.kind !== actual.kind) return false;
  switch (wanted.kind) {
    case 'list':
      return isAssignable(wanted.element, (actual as typeof wanted).element, bindings);
    case 'map':
      return (
        isAssignable(wanted.key, (actual as typeof wanted).key, bindings) &&
        isAssignable(wanted.value, (actual as typeof wanted).value, bindings)
      );
    case 'optional':
      return isAssignable(wanted.of, (actual as typeof wanted).of, bindings);
    case 'object':
    case 'opaque':
      return wanted.name === (actual as typeof wanted).name;
    default:
      return true;
  }
}

/** Puts the bound types in the place of the parameters; an unbound one is dyn. */
export function substitute(type: CelType, bindings: Bindings): CelType {
  switch (type.kind) {
    case 'param':
      return bindings.get(type.name) ?? types.dyn;
    case 'list':
      return { ...type, element: substitute(type.element, bindings) };
    case 'map':
      return { ...type, key: substitute(type.key, bindings), value: substitute(type.value, bindings) };
    case 'optional':
      return { ...type, of: substitute(type.of, bindings) };
    case 'type':
      return type.of ? { ...type, of: substitute(type.of, bindings) } : type;
    default:
      return type;
  }
}

/** The type of either of two; dyn when they differ. */
export function joinTypes(a: CelType, b: CelType): CelType | undefined {
  if (a.kind === 'dyn' || b.kind === 'dyn') return types.dyn;
  if (isAssignable(a, b)) return a;
  if (isAssignable(b, a)) return b;
  return undefined;
}

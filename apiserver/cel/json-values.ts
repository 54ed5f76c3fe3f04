/** JSON as CEL values and back. Views read lazily: an expression pays for what it touches, not for the size of the object. */
import { parseDuration, parseTimestamp } from './library/time';
import type { CelType, ObjectType } from './types';
import { types } from './types';
import {
  CelDuration,
  type CelList,
  type CelMap,
  CelOpaque,
  CelOptional,
  type CelStruct,
  CelTimestamp,
  CelTypeValue,
  CelUint,
  type CelValue,
  isList,
  isMap,
  isStruct,
} from './values';
import { formatDuration, formatTimestamp } from './library/time';

type JsonObject = Record<string, unknown>;

/** `raw` as a value of `type`. What does not fit the type is taken for what it is; values of CEL pass through. */
export function toCel(raw: unknown, type: CelType = types.dyn): CelValue {
  switch (typeof raw) {
    case 'number':
      if (type.kind === 'double') return raw;
      return Number.isInteger(raw) ? BigInt(raw) : raw;
    case 'string':
      return fromText(raw, type.kind);
    case 'boolean':
    case 'bigint':
      return raw;
    case 'object':
      break;
    default:
      return null;
  }
  if (raw === null) return null;
  if (Array.isArray(raw)) return new JsonList(raw, type);
  if (isPlain(raw)) {
    return type.kind === 'object'
      ? new JsonStruct(raw, type)
      : new JsonMap(raw, type.kind === 'map' ? type.value : types.dyn);
  }
  return raw as CelValue;
}

const isPlain = (value: object): value is JsonObject => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

function fromText(text: string, kind: CelType['kind']): CelValue {
  switch (kind) {
    case 'timestamp':
      return parseTimestamp(text.length === 10 ? `${text}T00:00:00Z` : text) ?? text;
    case 'duration':
      return parseDuration(text) ?? text;
    case 'bytes':
      return Buffer.from(text, 'base64');
    default:
      return text;
  }
}

class JsonList implements CelList {
  readonly kind = 'list';
  private readonly element: CelType;
  readonly listType;
  readonly mapKeys;

  constructor(
    private readonly raw: readonly unknown[],
    type: CelType,
  ) {
    this.element = type.kind === 'list' ? type.element : types.dyn;
    this.listType = type.kind === 'list' ? type.listType : undefined;
    this.mapKeys = type.kind === 'list' ? type.mapKeys : undefined;
  }

  get size(): number {
    return this.raw.length;
  }

  at(index: number): CelValue {
    return toCel(this.raw[index], this.element);
  }
}

class JsonMap implements CelMap {
  readonly kind = 'map';
  private names: string[] | undefined;

  constructor(
    private readonly raw: JsonObject,
    private readonly value: CelType,
  ) {}

  private present(): string[] {
    return (this.names ??= Object.keys(this.raw).filter((name) => this.raw[name] !== undefined));
  }

  get size(): number {
    return this.present().length;
  }

  get(key: CelValue): CelValue | undefined {
    if (typeof key !== 'string' || !Object.hasOwn(this.raw, key) || this.raw[key] === undefined) return undefined;
    return toCel(this.raw[key], this.value);
  }

  keys(): CelValue[] {
    return this.present();
  }
}

class JsonStruct implements CelStruct {
  readonly kind = 'struct';

  constructor(
    private readonly raw: JsonObject,
    private readonly type: ObjectType,
  ) {}

  get typeName(): string {
    return this.type.name;
  }

  get size(): number {
    return this.fieldNames().length;
  }

  field(name: string): CelValue | undefined {
    const field = this.type.fields.get(name);
    if (!field || !Object.hasOwn(this.raw, field.jsonName) || this.raw[field.jsonName] === undefined) return undefined;
    return toCel(this.raw[field.jsonName], field.type);
  }

  fieldNames(): string[] {
    return [...this.type.fields]
      .filter(([, { jsonName }]) => Object.hasOwn(this.raw, jsonName) && this.raw[jsonName] !== undefined)
      .map(([name]) => name);
  }
}

/** A value whose members are computed when an expression first asks for them: the `variables` of policies. */
export class LazyStruct implements CelStruct {
  readonly kind = 'struct';

  constructor(
    readonly typeName: string,
    private readonly members: ReadonlyMap<string, () => CelValue>,
  ) {}

  get size(): number {
    return this.members.size;
  }

  field(name: string): CelValue | undefined {
    return this.members.get(name)?.();
  }

  fieldNames(): string[] {
    return [...this.members.keys()];
  }
}

/** The JSON of a result: ints become numbers, times and durations text, bytes base64. Throws on types that have none. */
export function toJson(value: CelValue): unknown {
  switch (typeof value) {
    case 'bigint':
      return Number(value);
    case 'object':
      break;
    default:
      return value;
  }
  if (value === null) return null;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value instanceof CelUint) return Number(value.value);
  if (value instanceof CelTimestamp) return formatTimestamp(value);
  if (value instanceof CelDuration) return formatDuration(value);
  if (value instanceof CelOptional) return value.present ? toJson(value.value) : null;
  if (value instanceof CelTypeValue || value instanceof CelOpaque)
    return String((value as { name?: string }).name ?? value);
  const copy: JsonObject = {};
  const set = (name: string, member: CelValue): void => {
    Object.defineProperty(copy, name, { value: toJson(member), enumerable: true, writable: true, configurable: true });
  };
  if (isList(value)) return Array.from({ length: value.size }, (_, i) => toJson(value.at(i)));
  if (isMap(value)) for (const key of value.keys()) set(String(toJson(key)), value.get(key)!);
  else if (isStruct(value)) for (const name of value.fieldNames()) set(name, value.field(name)!);
  return copy;
}

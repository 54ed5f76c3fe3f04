/** The values of evaluations. Ints are bigint, doubles number; lists and maps may be views of JSON that adapt as they are read. */
import type { CelType } from './types';
import { types } from './types';

export class CelUint {
  constructor(readonly value: bigint) {}
}

export class CelTimestamp {
  /** Nanoseconds since the epoch. */
  constructor(readonly nanos: bigint) {}
}

export class CelDuration {
  constructor(readonly nanos: bigint) {}
}

/** What `type(x)` gives: equal by name. */
export class CelTypeValue {
  constructor(readonly name: string) {}
}

export class CelOptional {
  static readonly none = new CelOptional(false, null);

  private constructor(
    readonly present: boolean,
    readonly value: CelValue,
  ) {}

  static of(value: CelValue): CelOptional {
    return new CelOptional(true, value);
  }
}

/** A value that only its library understands: a URL, a quantity, an authorizer. */
export abstract class CelOpaque {
  abstract readonly typeName: string;
  /** Characters or bytes, for costs. */
  readonly size: number = 1;
  abstract equals(other: CelOpaque): boolean;
}

export interface CelList {
  readonly kind: 'list';
  readonly size: number;
  readonly listType?: 'set' | 'map' | 'atomic' | undefined;
  readonly mapKeys?: string[] | undefined;
  at(index: number): CelValue;
}

export interface CelMap {
  readonly kind: 'map';
  readonly size: number;
  /** Undefined when the key is missing. */
  get(key: CelValue): CelValue | undefined;
  keys(): CelValue[];
}

/** An object with declared fields. */
export interface CelStruct {
  readonly kind: 'struct';
  readonly typeName: string;
  /** Undefined when the field is not set. */
  field(name: string): CelValue | undefined;
  fieldNames(): string[];
  /** The number of fields that are set. */
  readonly size: number;
}

export type CelValue =
  | null
  | boolean
  | bigint
  | number
  | string
  | Uint8Array
  | CelUint
  | CelTimestamp
  | CelDuration
  | CelTypeValue
  | CelOptional
  | CelOpaque
  | CelList
  | CelMap
  | CelStruct;

export class ArrayList implements CelList {
  readonly kind = 'list';

  constructor(readonly items: readonly CelValue[]) {}

  get size(): number {
    return this.items.length;
  }

  at(index: number): CelValue {
    return this.items[index]!;
  }
}

/** Keys are told apart by type and value; the numbers 1, 1u and 1.0 are one key. */
export function mapKey(key: CelValue): string | undefined {
  switch (typeof key) {
    case 'string':
      return `s${key}`;
    case 'bigint':
      return `n${key}`;
    case 'boolean':
      return `b${key}`;
    case 'number':
      return Number.isInteger(key) ? `n${BigInt(key)}` : undefined;
    default:
      return key instanceof CelUint ? `n${key.value}` : undefined;
  }
}

export class EntryMap implements CelMap {
  readonly kind = 'map';
  private readonly entries = new Map<string, [CelValue, CelValue]>();

  /** False when the key is there already. */
  add(key: CelValue, value: CelValue): boolean {
    const name = mapKey(key)!;
    if (this.entries.has(name)) return false;
    this.entries.set(name, [key, value]);
    return true;
  }

  get size(): number {
    return this.entries.size;
  }

  get(key: CelValue): CelValue | undefined {
    const name = mapKey(key);
    return name === undefined ? undefined : this.entries.get(name)?.[1];
  }

  keys(): CelValue[] {
    return [...this.entries.values()].map(([key]) => key);
  }
}

/** A message built by an expression: `Object{…}`, `JSONPatch{…}`. */
export class BuiltStruct implements CelStruct {
  readonly kind = 'struct';

  constructor(
    readonly typeName: string,
    readonly fields: ReadonlyMap<string, CelValue>,
  ) {}

  get size(): number {
    return this.fields.size;
  }

  field(name: string): CelValue | undefined {
    return this.fields.get(name);
  }

  fieldNames(): string[] {
    return [...this.fields.keys()];
  }
}

export const isList = (value: CelValue): value is CelList =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'list';
export const isMap = (value: CelValue): value is CelMap =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'map';
export const isStruct = (value: CelValue): value is CelStruct =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'struct';

/** The type of a value at run time; of its members nothing is said. */
export function typeOfValue(value: CelValue): CelType {
  switch (typeof value) {
    case 'string':
      return types.string;
    case 'bigint':
      return types.int;
    case 'number':
      return types.double;
    case 'boolean':
      return types.bool;
    default:
  }
  if (value === null) return types.null;
  if (value instanceof Uint8Array) return types.bytes;
  if (value instanceof CelUint) return types.uint;
  if (value instanceof CelTimestamp) return types.timestamp;
  if (value instanceof CelDuration) return types.duration;
  if (value instanceof CelTypeValue) return { kind: 'type' };
  if (value instanceof CelOptional) return types.optional(types.dyn);
  if (value instanceof CelOpaque) return types.opaque(value.typeName);
  if (isList(value)) return listOfDyn;
  return isMap(value) ? mapOfDyn : { kind: 'object', name: value.typeName, fields: new Map() };
}

const listOfDyn = types.list(types.dyn);
const mapOfDyn = types.map(types.dyn, types.dyn);

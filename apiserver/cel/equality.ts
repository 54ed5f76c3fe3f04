/** Equality and order of values, at the price of what they look at. */
import type { Meter } from './budget';
import { noSuchOverload } from './errors';
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

type Numeric = bigint | number | CelUint;

const isNumeric = (value: CelValue): value is Numeric =>
  typeof value === 'bigint' || typeof value === 'number' || value instanceof CelUint;

const plain = (value: Numeric): bigint | number => (value instanceof CelUint ? value.value : value);

/** Values of different types are unequal, except numbers, which compare by value. */
export function equals(a: CelValue, b: CelValue, meter: Meter): boolean {
  if (typeof a === 'string') {
    if (typeof b !== 'string') return false;
    if (a.length > 10) meter.spend(Math.ceil(Math.min(a.length, b.length) / 10));
    return a === b;
  }
  // oxlint-disable-next-line eqeqeq -- JavaScript compares a bigint with a number exactly, but only loosely
  if (isNumeric(a)) return isNumeric(b) && plain(a) == plain(b);
  if (a === b) return true;
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false;
  if (a instanceof Uint8Array) {
    if (!(b instanceof Uint8Array)) return false;
    meter.spend(Math.ceil(Math.min(a.length, b.length) / 10));
    return Buffer.compare(a, b) === 0;
  }
  if (a instanceof CelTimestamp) return b instanceof CelTimestamp && a.nanos === b.nanos;
  if (a instanceof CelDuration) return b instanceof CelDuration && a.nanos === b.nanos;
  if (a instanceof CelTypeValue) return b instanceof CelTypeValue && a.name === b.name;
  if (a instanceof CelOpaque) return b instanceof CelOpaque && a.typeName === b.typeName && a.equals(b);
  if (a instanceof CelOptional) {
    if (!(b instanceof CelOptional) || a.present !== b.present) return false;
    return !a.present || equals(a.value, b.value, meter);
  }
  meter.spend(1);
  if (isList(a)) return isList(b) && listsEqual(a, b, meter);
  if (isMap(a)) return isMap(b) && mapsEqual(a, b, meter);
  return isStruct(a) && isStruct(b) && structsEqual(a, b, meter);
}

/** Lists declared as sets or maps are equal in any order, as upstream's unstructured lists. */
function listsEqual(a: CelList, b: CelList, meter: Meter): boolean {
  if (a.size !== b.size) return false;
  const unordered = a.listType === 'set' || a.listType === 'map';
  for (let i = 0; i < a.size; i++) {
    const item = a.at(i);
    const same = unordered ? contains(b, item, meter) : equals(item, b.at(i), meter);
    if (!same) return false;
  }
  return true;
}

export function contains(list: CelList, wanted: CelValue, meter: Meter): boolean {
  for (let i = 0; i < list.size; i++) {
    meter.spend(1);
    if (equals(list.at(i), wanted, meter)) return true;
  }
  return false;
}

function mapsEqual(a: CelMap, b: CelMap, meter: Meter): boolean {
  if (a.size !== b.size) return false;
  for (const key of a.keys()) {
    const [left, right] = [a.get(key), b.get(key)];
    meter.spend(1);
    if (right === undefined || !equals(left!, right, meter)) return false;
  }
  return true;
}

function structsEqual(a: CelStruct, b: CelStruct, meter: Meter): boolean {
  if (a.typeName !== b.typeName || a.size !== b.size) return false;
  for (const name of a.fieldNames()) {
    const [left, right] = [a.field(name), b.field(name)];
    meter.spend(1);
    if (right === undefined || !equals(left!, right, meter)) return false;
  }
  return true;
}

/** Negative, zero or positive; NaN when one of the numbers is. Throws `no such overload` for values without an order. */
export function compare(a: CelValue, b: CelValue, meter: Meter): number {
  if (isNumeric(a) && isNumeric(b)) {
    const [left, right] = [plain(a), plain(b)];
    // oxlint-disable-next-line eqeqeq -- as above
    return left < right ? -1 : left > right ? 1 : left == right ? 0 : NaN;
  }
  if (typeof a === 'string' && typeof b === 'string') {
    if (a.length > 10) meter.spend(Math.ceil(Math.min(a.length, b.length) / 10));
    return compareText(a, b);
  }
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  if (a instanceof Uint8Array && b instanceof Uint8Array) {
    meter.spend(Math.ceil(Math.min(a.length, b.length) / 10));
    return Buffer.compare(a, b);
  }
  const comparable =
    (a instanceof CelTimestamp && b instanceof CelTimestamp) || (a instanceof CelDuration && b instanceof CelDuration);
  if (!comparable) throw noSuchOverload();
  const [left, right] = [a.nanos, b.nanos];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** By code points, as Go compares UTF-8: surrogates come after the rest of the basic plane. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x === y) continue;
    const [highX, highY] = [x >= 0xd800 && x < 0xe000, y >= 0xd800 && y < 0xe000];
    return highX === highY ? x - y : highX ? 1 : -1;
  }
  return a.length - b.length;
}

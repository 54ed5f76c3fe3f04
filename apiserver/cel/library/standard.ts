/** Operators, conversions, sizes and times: the part of CEL that every environment has. */
import type { Meter } from '../budget';
import { compare } from '../equality';
import { Failure } from '../errors';
import { declare } from '../functions';
import { matchesLinear, regexCost } from '../regex';
import {
  ArrayList,
  CelDuration,
  type CelList,
  CelOpaque,
  CelOptional,
  CelTimestamp,
  CelTypeValue,
  CelUint,
  type CelValue,
  isList,
  isMap,
  isStruct,
  typeOfValue,
} from '../values';
import { formatType } from '../types';
import {
  civilTime,
  type CivilTime,
  durationInRange,
  formatDuration,
  formatTimestamp,
  inRange,
  parseDuration,
  parseTimestamp,
} from './time';

const maxInt = 2n ** 63n - 1n;
const minInt = -(2n ** 63n);
const maxUint = 2n ** 64n - 1n;

const overflow = (): Failure => new Failure('return error for overflow');

export const checkInt = (value: bigint): bigint => {
  if (value > maxInt || value < minInt) throw overflow();
  return value;
};
const checkUint = (value: bigint): CelUint => {
  if (value > maxUint || value < 0n) throw overflow();
  return new CelUint(value);
};
const timestamp = (nanos: bigint): CelTimestamp => {
  const result = inRange(nanos);
  if (!result) throw new Failure('timestamp overflow');
  return result;
};
const duration = (nanos: bigint): CelDuration => {
  const result = durationInRange(nanos);
  if (!result) throw new Failure('duration overflow');
  return result;
};
const divisor = (value: bigint, what: string): bigint => {
  if (value === 0n) throw new Failure(what);
  return value;
};

/** A tenth of a step for each character. */
export const traverse = (meter: Meter, length: number): void => {
  if (length > 0) meter.spend(Math.ceil(length / 10));
};

const joined = (a: string, b: string, meter: Meter): string => {
  traverse(meter, a.length + b.length);
  return a + b;
};

function concatLists(a: CelList, b: CelList, meter: Meter): CelList {
  // cel-go asks one step for it; copying is not that cheap when lists grow by doubling.
  meter.spend(Math.ceil((a.size + b.size) / 2));
  const items: CelValue[] = [];
  for (const list of [a, b]) for (let i = 0; i < list.size; i++) items.push(list.at(i));
  return new ArrayList(items);
}

export const arithmetic = declare({
  '_+_(int, int): int': ([a, b]) => checkInt((a as bigint) + b),
  '_+_(uint, uint): uint': ([a, b]) => checkUint((a.value as bigint) + b.value),
  '_+_(double, double): double': ([a, b]) => a + b,
  '_+_(string, string): string': ([a, b], meter) => joined(a, b, meter),
  '_+_(bytes, bytes): bytes': ([a, b], meter) => {
    traverse(meter, a.length + b.length);
    return Buffer.concat([a, b]);
  },
  '_+_(list<T>, list<T>): list<T>': ([a, b], meter) => concatLists(a, b, meter),
  '_+_(timestamp, duration): timestamp': ([a, b]) => timestamp((a.nanos as bigint) + b.nanos),
  '_+_(duration, timestamp): timestamp': ([a, b]) => timestamp((a.nanos as bigint) + b.nanos),
  '_+_(duration, duration): duration': ([a, b]) => duration((a.nanos as bigint) + b.nanos),
  '_-_(int, int): int': ([a, b]) => checkInt((a as bigint) - b),
  '_-_(uint, uint): uint': ([a, b]) => checkUint((a.value as bigint) - b.value),
  '_-_(double, double): double': ([a, b]) => a - b,
  '_-_(timestamp, timestamp): duration': ([a, b]) => duration((a.nanos as bigint) - b.nanos),
  '_-_(timestamp, duration): timestamp': ([a, b]) => timestamp((a.nanos as bigint) - b.nanos),
  '_-_(duration, duration): duration': ([a, b]) => duration((a.nanos as bigint) - b.nanos),
  '_*_(int, int): int': ([a, b]) => checkInt((a as bigint) * b),
  '_*_(uint, uint): uint': ([a, b]) => checkUint((a.value as bigint) * b.value),
  '_*_(double, double): double': ([a, b]) => a * b,
  '_/_(int, int): int': ([a, b]) => checkInt((a as bigint) / divisor(b, 'division by zero')),
  '_/_(uint, uint): uint': ([a, b]) => checkUint((a.value as bigint) / divisor(b.value, 'division by zero')),
  '_/_(double, double): double': ([a, b]) => a / b,
  '_%_(int, int): int': ([a, b]) => a % divisor(b, 'modulus by zero'),
  '_%_(uint, uint): uint': ([a, b]) => checkUint((a.value as bigint) % divisor(b.value, 'modulus by zero')),
  '-_(int): int': ([a]) => checkInt(-(a as bigint)),
  '-_(double): double': ([a]) => -a,
  '!_(bool): bool': ([a]) => !a,
});

const ordered = ['bool', 'int', 'uint', 'double', 'string', 'bytes', 'timestamp', 'duration'].map((type) => [
  type,
  type,
]);
const crossType = [
  ['int', 'uint'],
  ['int', 'double'],
  ['uint', 'int'],
  ['uint', 'double'],
  ['double', 'int'],
  ['double', 'uint'],
];
const relations: Record<string, (order: number) => boolean> = {
  '_<_': (order) => order < 0,
  '_<=_': (order) => order <= 0,
  '_>_': (order) => order > 0,
  '_>=_': (order) => order >= 0,
};

export const ordering = declare(
  Object.fromEntries(
    Object.entries(relations).flatMap(([name, holds]) =>
      [...ordered, ...crossType].map(([a, b]) => [
        `${name}(${a}, ${b}): bool`,
        ([left, right]: any[], meter: Meter) => holds(compare(left, right, meter)),
      ]),
    ),
  ),
);

/** Evaluated by the evaluator itself; declared for the checker. */
const special = (): never => {
  throw new Failure('no such overload');
};
export const specials = declare({
  '_&&_(bool, bool): bool': special,
  '_||_(bool, bool): bool': special,
  '_?_:_(bool, T, T): T': special,
  '_==_(T, T): bool': special,
  '_!=_(T, T): bool': special,
  '@in(T, list<T>): bool': special,
  '@in(K, map<K, V>): bool': special,
  '_[_](list<T>, int): T': special,
  '_[_](map<K, V>, K): V': special,
  '_[_](optional<list<T>>, int): optional<T>': special,
  '_[_](optional<map<K, V>>, K): optional<V>': special,
  '_[?_](list<T>, int): optional<T>': special,
  '_[?_](map<K, V>, K): optional<V>': special,
  '_[?_](optional<list<T>>, int): optional<T>': special,
  '_[?_](optional<map<K, V>>, K): optional<V>': special,
});

const sizeOf = (value: CelValue, meter: Meter): bigint => {
  if (typeof value === 'string') return BigInt(meter.sizeOf(value));
  if (value instanceof Uint8Array) return BigInt(value.length);
  return BigInt((value as CelList).size);
};

const toDouble = (value: string): number => {
  if (!/^[+-]?(?:\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|Inf(?:inity)?|NaN)$/i.test(value)) {
    throw new Failure(`type conversion error from 'string' to 'double'`);
  }
  return /inf/i.test(value) ? (value.startsWith('-') ? -Infinity : Infinity) : Number(value.replace(/nan/i, 'NaN'));
};

function toInt(value: number | string): bigint {
  if (typeof value === 'string') {
    if (value.length > 20 || !/^[+-]?\d+$/.test(value))
      throw new Failure(`strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`);
    return checkInt(BigInt(value));
  }
  if (!Number.isFinite(value)) throw new Failure('integer overflow');
  return checkInt(BigInt(Math.trunc(value)));
}

function toUint(value: number | string): CelUint {
  if (typeof value === 'string') {
    if (value.length > 20 || !/^\d+$/.test(value))
      throw new Failure(`strconv.ParseUint: parsing ${JSON.stringify(value)}: invalid syntax`);
    return checkUint(BigInt(value));
  }
  if (!Number.isFinite(value)) throw new Failure('unsigned integer overflow');
  return checkUint(BigInt(Math.trunc(value)));
}

/** Doubles print as Go's shortest form does. */
export function formatDouble(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (Object.is(value, -0)) return '-0';
  const exponent = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)));
  if (exponent >= -4 && exponent < 21)
    return String(value).includes('e') ? value.toFixed(20).replace(/0+$/, '') : String(value);
  return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

export const conversions = declare({
  'int(int): int': ([a]) => a,
  'int(uint): int': ([a]) => checkInt(a.value),
  'int(double): int': ([a]) => toInt(a),
  'int(string): int': ([a]) => toInt(a),
  'int(timestamp): int': ([a]) =>
    (a.nanos - (((a.nanos % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n)) / 1_000_000_000n,
  'int(duration): int': ([a]) => a.nanos,
  'uint(uint): uint': ([a]) => a,
  'uint(int): uint': ([a]) => checkUint(a),
  'uint(double): uint': ([a]) => toUint(a),
  'uint(string): uint': ([a]) => toUint(a),
  'double(double): double': ([a]) => a,
  'double(int): double': ([a]) => Number(a),
  'double(uint): double': ([a]) => Number(a.value),
  'double(string): double': ([a]) => toDouble(a),
  'bool(bool): bool': ([a]) => a,
  'bool(string): bool': ([a]) => {
    if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(a)) return true;
    if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(a)) return false;
    throw new Failure(`type conversion error from 'string' to 'bool'`);
  },
  'string(string): string': ([a]) => a,
  'string(bool): string': ([a]) => String(a),
  'string(int): string': ([a]) => String(a),
  'string(uint): string': ([a]) => String(a.value),
  'string(double): string': ([a]) => formatDouble(a),
  'string(timestamp): string': ([a]) => formatTimestamp(a),
  'string(duration): string': ([a]) => formatDuration(a),
  'string(bytes): string': ([a], meter) => {
    traverse(meter, a.length);
    try {
      return utf8.decode(a);
    } catch {
      throw new Failure('invalid UTF-8 in bytes, cannot convert to string');
    }
  },
  'bytes(bytes): bytes': ([a]) => a,
  'bytes(string): bytes': ([a], meter) => {
    traverse(meter, a.length);
    return Buffer.from(a);
  },
  'timestamp(timestamp): timestamp': ([a]) => a,
  'timestamp(int): timestamp': ([a]) => timestamp((a as bigint) * 1_000_000_000n),
  'timestamp(string): timestamp': ([a]) => {
    const parsed = parseTimestamp(a);
    if (!parsed) throw new Failure(`type conversion error from 'string' to 'google.protobuf.Timestamp'`);
    return parsed;
  },
  'duration(duration): duration': ([a]) => a,
  'duration(int): duration': ([a]) => duration(a),
  'duration(string): duration': ([a]) => {
    const parsed = parseDuration(a);
    if (!parsed) throw new Failure(`type conversion error from 'string' to 'google.protobuf.Duration'`);
    return parsed;
  },
  'dyn(T): dyn': ([a]) => a,
  'type(T): type<T>': ([a]) => new CelTypeValue(typeName(a)),
});

/** The name that `type(x)` compares with. */
function typeName(value: CelValue): string {
  if (value === null) return 'null_type';
  if (value instanceof CelTimestamp) return 'google.protobuf.Timestamp';
  if (value instanceof CelDuration) return 'google.protobuf.Duration';
  if (value instanceof CelTypeValue) return 'type';
  if (value instanceof CelOptional) return 'optional_type';
  if (value instanceof CelOpaque) return value.typeName;
  if (typeof value === 'object' && !(value instanceof Uint8Array) && !(value instanceof CelUint)) {
    if (isList(value)) return 'list';
    if (isMap(value)) return 'map';
    if (isStruct(value)) return value.typeName;
  }
  return formatType(typeOfValue(value));
}

export const strings = declare({
  'size(string): int': ([a], meter) => sizeOf(a, meter),
  'size(bytes): int': ([a], meter) => sizeOf(a, meter),
  'size(list<T>): int': ([a], meter) => sizeOf(a, meter),
  'size(map<K, V>): int': ([a], meter) => sizeOf(a, meter),
  'string.size(): int': ([a], meter) => sizeOf(a, meter),
  'bytes.size(): int': ([a], meter) => sizeOf(a, meter),
  'list<T>.size(): int': ([a], meter) => sizeOf(a, meter),
  'map<K, V>.size(): int': ([a], meter) => sizeOf(a, meter),
  'string.contains(string): bool': ([a, b], meter) => {
    meter.spend(Math.ceil(a.length / 10) * Math.ceil(b.length / 10));
    return a.includes(b);
  },
  'string.startsWith(string): bool': ([a, b], meter) => {
    traverse(meter, b.length);
    return a.startsWith(b);
  },
  'string.endsWith(string): bool': ([a, b], meter) => {
    traverse(meter, b.length);
    return a.endsWith(b);
  },
  'string.matches(string): bool': ([text, pattern], meter) => {
    meter.spend(regexCost(text, pattern));
    return matchesLinear(pattern, text);
  },
  'matches(string, string): bool': ([text, pattern], meter) => {
    meter.spend(regexCost(text, pattern));
    return matchesLinear(pattern, text);
  },
});

const calendar: Record<string, (time: CivilTime) => number> = {
  getFullYear: (time) => time.year,
  getMonth: (time) => time.month,
  getDate: (time) => time.day,
  getDayOfMonth: (time) => time.day - 1,
  getDayOfWeek: (time) => time.weekday,
  getDayOfYear: ({ year, month, day }) => Math.round((Date.UTC(year, month, day) - Date.UTC(year, 0, 1)) / 86_400_000),
  getHours: (time) => time.hours,
  getMinutes: (time) => time.minutes,
  getSeconds: (time) => time.seconds,
};

function calendarField(read: (time: CivilTime) => number, at: CelTimestamp, zone?: string): bigint {
  const time = civilTime(at, zone);
  if (!time) throw new Failure(`unknown time zone ${zone}`);
  return BigInt(read(time));
}

export const times = declare({
  ...Object.fromEntries(
    Object.entries(calendar).flatMap(([name, read]) => [
      [`timestamp.${name}(): int`, ([at]: any[]) => calendarField(read, at)],
      [
        `timestamp.${name}(string): int`,
        ([at, zone]: any[], meter: Meter) => {
          // Reading a zone's rules takes as long as hundreds of steps.
          if (/^[A-Za-z]/.test(zone)) meter.spend(200);
          return calendarField(read, at, zone);
        },
      ],
    ]),
  ),
  'timestamp.getMilliseconds(): int': ([a]) =>
    (((a.nanos % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n) / 1_000_000n,
  'duration.getHours(): int': ([a]) => a.nanos / 3_600_000_000_000n,
  'duration.getMinutes(): int': ([a]) => a.nanos / 60_000_000_000n,
  'duration.getSeconds(): int': ([a]) => a.nanos / 1_000_000_000n,
  'duration.getMilliseconds(): int': ([a]) => (a.nanos % 1_000_000_000n) / 1_000_000n,
});

export const standardLibrary = [...arithmetic, ...ordering, ...specials, ...conversions, ...strings, ...times];

/** From one type to another: `int("12")`, `string(duration)`, `type(x)`. */
import { Failure } from '../errors';
import { declare } from '../functions';
import { formatType } from '../types';
import {
  CelDuration,
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
import { checkInt, checkUint, durationOf, timestampOf, traverse } from './ranges';
import { formatDuration, formatTimestamp, parseDuration, parseTimestamp } from './time';

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
  'timestamp(int): timestamp': ([a]) => timestampOf((a as bigint) * 1_000_000_000n),
  'timestamp(string): timestamp': ([a]) => {
    const parsed = parseTimestamp(a);
    if (!parsed) throw new Failure(`type conversion error from 'string' to 'google.protobuf.Timestamp'`);
    return parsed;
  },
  'duration(duration): duration': ([a]) => a,
  'duration(int): duration': ([a]) => durationOf(a),
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

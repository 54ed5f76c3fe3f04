/** Sizes, texts and times, and with the operators and conversions the part of CEL that every environment has. */
import type { Meter } from '../budget';
import { Failure } from '../errors';
import { declare } from '../functions';
import { matchesLinear, regexCost } from '../regex';
import type { CelList, CelTimestamp, CelValue } from '../values';
import { conversions } from './conversions';
import { arithmetic, ordering, specials } from './operators';
import { traverse } from './ranges';
import { civilTime, type CivilTime } from './time';

const sizeOf = (value: CelValue, meter: Meter): bigint => {
  if (typeof value === 'string') return BigInt(meter.sizeOf(value));
  if (value instanceof Uint8Array) return BigInt(value.length);
  return BigInt((value as CelList).size);
};

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

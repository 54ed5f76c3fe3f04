/** Timestamps and durations: RFC 3339 with nanoseconds, and Go's durations (`1h30m`, `1.5s`). UTC unless a zone is named. */
import { CelDuration, CelTimestamp } from '../values';

const second = 1_000_000_000n;
const minTimestamp = -62_135_596_800n * second;
const maxTimestamp = 253_402_300_800n * second - 1n;
const maxDuration = 2n ** 63n - 1n;

const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9})\d*)?([Zz]|[+-]\d\d:\d\d)$/;

/** Undefined when the text is none. */
export function parseTimestamp(text: string): CelTimestamp | undefined {
  const match = text.length <= 64 ? rfc3339.exec(text) : null;
  if (!match) return undefined;
  const [, year, month, day, hour, minute, seconds, fraction = '', zone] = match;
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${seconds}${zone!.toUpperCase()}`;
  const ms = Date.parse(iso);
  // Date.parse rolls the 30th of February over.
  if (Number.isNaN(ms) || Number(day) > new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate())
    return undefined;
  return inRange(BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, '0')));
}

export const inRange = (nanos: bigint): CelTimestamp | undefined =>
  nanos < minTimestamp || nanos > maxTimestamp ? undefined : new CelTimestamp(nanos);

export const durationInRange = (nanos: bigint): CelDuration | undefined =>
  nanos > maxDuration || nanos < -maxDuration - 1n ? undefined : new CelDuration(nanos);

export function formatTimestamp({ nanos }: CelTimestamp): string {
  const fraction = ((nanos % second) + second) % second;
  const ms = Number((nanos - fraction) / 1_000_000n);
  const digits = fraction ? `.${String(fraction).padStart(9, '0').replace(/0+$/, '')}` : '';
  return `${new Date(ms).toISOString().slice(0, 19)}${digits}Z`;
}

const units: Record<string, bigint> = {
  ns: 1n,
  us: 1000n,
  µs: 1000n,
  μs: 1000n,
  ms: 1_000_000n,
  s: second,
  m: 60n * second,
  h: 3600n * second,
};

/** Undefined when the text is no duration of Go, or too long for one. */
export function parseDuration(text: string): CelDuration | undefined {
  const match = text.length <= 128 ? /^([+-]?)((?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.exec(text) : null;
  if (!match) return text === '0' || text === '-0' || text === '+0' ? new CelDuration(0n) : undefined;
  let nanos = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of text.matchAll(/(\d*)\.?(\d*)(ns|us|µs|μs|ms|s|m|h)/g)) {
    const scale = units[unit]!;
    nanos += BigInt(whole || '0') * scale;
    if (fraction) nanos += (BigInt(fraction) * scale) / 10n ** BigInt(fraction.length);
  }
  return durationInRange(match[1] === '-' ? -nanos : nanos);
}

/** As cel-go makes text of it: seconds, `5400s`, `1.5s`. */
export function formatDuration({ nanos }: CelDuration): string {
  const sign = nanos < 0n ? '-' : '';
  const absolute = nanos < 0n ? -nanos : nanos;
  const fraction = absolute % second;
  const digits = fraction ? `.${String(fraction).padStart(9, '0').replace(/0+$/, '')}` : '';
  return `${sign}${absolute / second}${digits}s`;
}

export interface CivilTime {
  year: number;
  /** From 0. */
  month: number;
  /** Of the month, from 1. */
  day: number;
  /** From Sunday = 0. */
  weekday: number;
  hours: number;
  minutes: number;
  seconds: number;
}

/** The wall clock in a zone: `UTC`, `+02:00`, `Europe/Berlin`. Undefined for an unknown zone. */
export function civilTime({ nanos }: CelTimestamp, zone = 'UTC'): CivilTime | undefined {
  const fraction = ((nanos % second) + second) % second;
  let ms = Number((nanos - fraction) / 1_000_000n);
  const offset = /^([+-]?)(\d\d):(\d\d)$/.exec(zone);
  if (offset) ms += (offset[1] === '-' ? -1 : 1) * (Number(offset[2]) * 60 + Number(offset[3])) * 60_000;
  else if (zone !== 'UTC' && zone !== '') {
    const shifted = inNamedZone(ms, zone);
    if (shifted === undefined) return undefined;
    ms = shifted;
  }
  const date = new Date(ms);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth(),
    day: date.getUTCDate(),
    weekday: date.getUTCDay(),
    hours: date.getUTCHours(),
    minutes: date.getUTCMinutes(),
    seconds: date.getUTCSeconds(),
  };
}

function inNamedZone(ms: number, zone: string): number | undefined {
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    const parts = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
    return Date.UTC(parts.year!, parts.month! - 1, parts.day, parts.hour, parts.minute, parts.second);
  } catch {
    return undefined;
  }
}

/**
 * Scalars with a JSON form of their own in Go: Time, MicroTime, Quantity, IntOrString and byte slices. Each reader answers
 * the canonical wire form, or throws a ScalarError with the message of upstream's UnmarshalJSON.
 */
import { Quantity, QuantityError } from '../meta/quantity';

export class ScalarError extends Error {}

/** What encoding/json calls a JSON value in its type errors. */
export function goValueName(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return value === null ? 'null' : typeof value;
}

const quantityPattern = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

/** Numbers are accepted; the canonical text is what is stored. */
export function readQuantity(value: unknown): string {
  if (typeof value !== 'string' && typeof value !== 'number') throw new ScalarError(quantityPattern);
  try {
    return Quantity.parse(typeof value === 'string' ? value.trim() : value).toString();
  } catch (error) {
    if (error instanceof QuantityError) throw new ScalarError(error.message, { cause: error });
    throw error;
  }
}

const timeLayout = [
  ['2006', /^\d{4}/],
  ['-', /^-/],
  ['01', /^\d{2}/],
  ['-', /^-/],
  ['02', /^\d{2}/],
  ['T', /^T/],
  ['15', /^\d{1,2}/],
  [':', /^:/],
  ['04', /^\d{2}/],
  [':', /^:/],
  ['05', /^\d{2}(?:[.,]\d+)?/],
  ['Z07:00', /^(?:Z|[+-]\d{2}:\d{2})/],
] as const;
const wholeTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;

/** RFC 3339 in UTC, in whole seconds. */
export const readTime = (value: unknown): string =>
  `${parseTime(value, '2006-01-02T15:04:05Z07:00').toISOString().slice(0, 19)}Z`;

/** RFC 3339 in UTC, in microseconds. */
export function readMicroTime(value: unknown): string {
  const seconds = parseTime(value, '2006-01-02T15:04:05.000000Z07:00').toISOString().slice(0, 19);
  const fraction = /\.(\d+)/.exec(value as string)?.[1] ?? '';
  return `${seconds}.${fraction.slice(0, 6).padEnd(6, '0')}Z`;
}

function parseTime(value: unknown, layout: string): Date {
  if (typeof value !== 'string') {
    throw new ScalarError(`json: cannot unmarshal ${goValueName(value)} into Go value of type string`);
  }
  const quoted = JSON.stringify(value);
  if (!wholeTime.test(value)) {
    let rest = value;
    for (const [element, pattern] of timeLayout) {
      const match = pattern.exec(rest);
      if (!match) {
        const problem = `cannot parse ${JSON.stringify(rest)} as ${JSON.stringify(element)}`;
        throw new ScalarError(`parsing time ${quoted} as ${JSON.stringify(layout)}: ${problem}`);
      }
      rest = rest.slice(match[0].length);
    }
    throw new ScalarError(`parsing time ${quoted}: extra text: ${JSON.stringify(rest)}`);
  }
  const time = new Date(value);
  const day = Number(value.slice(8, 10));
  const daysInMonth = new Date(Date.UTC(Number(value.slice(0, 4)), Number(value.slice(5, 7)), 0)).getUTCDate();
  if (Number.isNaN(time.getTime()) || day > daysInMonth || value.slice(11, 13) === '24') {
    throw new ScalarError(`parsing time ${quoted}: ${outOfRange(value)} out of range`);
  }
  return time;
}

function outOfRange(time: string): string {
  if (Number(time.slice(5, 7)) > 12 || time.slice(5, 7) === '00') return 'month';
  if (Number(time.slice(11, 13)) > 23) return 'hour';
  if (Number(time.slice(14, 16)) > 59) return 'minute';
  return Number(time.slice(17, 19)) > 59 ? 'second' : 'day';
}

export function readIntOrString(value: unknown): number | string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= 2 ** 31) return value;
  const name = typeof value === 'number' ? `number ${value}` : goValueName(value);
  throw new ScalarError(`json: cannot unmarshal ${name} into Go value of type int32`);
}

/** Standard base64 with padding; line breaks are allowed and dropped. */
export function readBytes(value: string): string {
  const text = /[\r\n]/.test(value) ? value.replace(/[\r\n]/g, '') : value;
  if (text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)) return text;
  const illegal = text.search(/[^A-Za-z0-9+/]/);
  const offset = illegal < 0 ? text.length - (text.length % 4) : illegal;
  throw new ScalarError(`illegal base64 data at input byte ${offset}`);
}

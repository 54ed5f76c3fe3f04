/**
 * The formats of strings that schemas may ask for; others are ignored. Upstream: kube-openapi `strfmt` and
 * apiextensions-apiserver `validation/formats.go`. Patterns are fixed and linear.
 */
import { isIP } from 'node:net';
import { isDns1123Label, isDns1123Subdomain, isValidCidr } from '../../../api/meta/names';

const isHostname = (text: string): boolean =>
  text.length <= 255 &&
  text
    .replace(/\.$/, '')
    .split('.')
    .every((label) => /^[\p{L}\p{N}_]([\p{L}\p{N}_-]{0,61}[\p{L}\p{N}_])?$/u.test(label));

const uuid = (version: string): ((text: string) => boolean) => {
  const variant = version === '[0-9a-f]' || version === '3' ? '[0-9a-f]' : '[89ab]';
  const pattern = new RegExp(
    `^[0-9a-f]{8}-?[0-9a-f]{4}-?${version}[0-9a-f]{3}-?${variant}[0-9a-f]{3}-?[0-9a-f]{12}$`,
    'i',
  );
  return (text) => pattern.test(text);
};

/** The sum of the digits, each weighed by its position. */
const weighed = (digits: string, weight: (position: number) => number): number =>
  [...digits].reduce((sum, digit, position) => sum + (digit === 'X' ? 10 : Number(digit)) * weight(position), 0);

const isIsbn10 = (text: string): boolean => {
  const digits = text.replace(/[ -]/g, '');
  return /^\d{9}[\dX]$/.test(digits) && weighed(digits, (position) => 10 - position) % 11 === 0;
};

const isIsbn13 = (text: string): boolean => {
  const digits = text.replace(/[ -]/g, '');
  return /^\d{13}$/.test(digits) && weighed(digits, (position) => (position % 2 ? 3 : 1)) % 10 === 0;
};

/** By Luhn's check digit. */
const isCreditCard = (text: string): boolean => {
  const digits = text.replace(/\D/g, '');
  if (
    !/^(?:4\d{12}(?:\d{3})?|5[1-5]\d{14}|6(?:011|5\d\d)\d{12}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|(?:2131|1800|35\d{3})\d{11})$/.test(
      digits,
    )
  ) {
    return false;
  }
  const sum = [...digits].reverse().reduce((total, digit, position) => {
    const value = position % 2 ? Number(digit) * 2 : Number(digit);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
};

const isDate = (text: string): boolean => {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  if (!year) return false;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
};

const isDateTime = (text: string): boolean => {
  const [, date, hour, minute, second] =
    /^(\d{4}-\d\d-\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[Zz]|[+-]\d\d:?\d\d)$/.exec(text) ?? [];
  return date !== undefined && isDate(date) && Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60;
};

/** Go's durations, or a number with a word: `1h30m`, `3 days`. */
const isDuration = (text: string): boolean =>
  /^[+-]?(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/.test(text) ||
  /^-?\d+\s*(?:nanoseconds?|nanos?|ns|microseconds?|micros?|us|µs|milliseconds?|millis?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|wks?|w)$/.test(
    text,
  );

const isBase64 = (text: string): boolean => text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);

const isUri = (text: string): boolean => text.startsWith('/') || URL.canParse(text);

const isEmail = (text: string): boolean => {
  const at = text.lastIndexOf('@');
  return at > 0 && at <= 64 && /^[^\s@<>()[\]\\,;:"]+$/.test(text.slice(0, at)) && isHostname(text.slice(at + 1));
};

export const formats: ReadonlyMap<string, (text: string) => boolean> = new Map<string, (text: string) => boolean>([
  ['bsonobjectid', (text) => /^[0-9a-f]{24}$/i.test(text)],
  ['uri', isUri],
  ['email', isEmail],
  ['hostname', isHostname],
  ['ipv4', (text) => isIP(text) === 4],
  ['ipv6', (text) => isIP(text) === 6],
  ['cidr', (text) => isValidCidr(text).length === 0],
  [
    'mac',
    (text) =>
      /^(?:[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}|[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4})$/i.test(text),
  ],
  ['uuid', uuid('[0-9a-f]')],
  ['uuid3', uuid('3')],
  ['uuid4', uuid('4')],
  ['uuid5', uuid('5')],
  ['isbn', (text) => isIsbn10(text) || isIsbn13(text)],
  ['isbn10', isIsbn10],
  ['isbn13', isIsbn13],
  ['creditcard', isCreditCard],
  ['ssn', (text) => /^\d{3}[- ]?\d{2}[- ]?\d{4}$/.test(text)],
  ['hexcolor', (text) => /^#?(?:[0-9a-f]{3}|[0-9a-f]{6})$/i.test(text)],
  ['rgbcolor', (text) => isRgbColor(text)],
  ['byte', isBase64],
  ['password', () => true],
  ['date', isDate],
  ['duration', isDuration],
  ['datetime', isDateTime],
  ['date-time', isDateTime],
  ['k8s-short-name', (text) => isDns1123Label(text).length === 0],
  ['k8s-long-name', (text) => isDns1123Subdomain(text).length === 0],
]);

function isRgbColor(text: string): boolean {
  const [, ...parts] = /^rgb\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*\)$/.exec(text) ?? [];
  return parts.length === 3 && parts.every((part) => Number(part) <= 255);
}

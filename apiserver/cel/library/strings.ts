/** cel-go's string extension. Positions count code points, as in Go. */
import { type Meter, countCodePoints } from '../budget';
import { Failure } from '../errors';
import { declare } from '../functions';
import { ArrayList, type CelList, type CelValue } from '../values';
import { formatText } from './format-text';
import { traverse } from './ranges';

const isAscii = (text: string): boolean => {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
};

/** Characters of the text, by position. For ASCII, the text is its own index. */
function characters(text: string): { length: number; slice(start: number, end?: number): string } {
  if (isAscii(text)) return text;
  const points = [...text];
  return { length: points.length, slice: (start, end) => points.slice(start, end).join('') };
}

/** The position in code points of a position in UTF-16 units. */
const pointIndex = (text: string, unit: number): bigint => BigInt(unit < 0 ? -1 : countCodePoints(text.slice(0, unit)));

function unitIndex(text: string, position: bigint): number {
  const chars = characters(text);
  if (position < 0n || position > BigInt(chars.length)) throw new Failure(`index out of range: ${position}`);
  return chars.slice(0, Number(position)).length;
}

/** Go's `strings.TrimSpace`. */
const trim = (text: string): string => text.replace(/^[\s\u0085]+/u, '').replace(/[\s\u0085]+$/u, '');

const mapAscii = (text: string, pattern: RegExp, change: (letter: string) => string): string =>
  text.replace(pattern, change);

function substring(text: string, start: bigint, end: bigint | undefined): string {
  const chars = characters(text);
  const length = BigInt(chars.length);
  const last = end ?? length;
  if (start < 0n || start > length) throw new Failure(`index out of range: ${start}`);
  if (last < 0n || last > length) throw new Failure(`index out of range: ${last}`);
  if (start > last) throw new Failure(`invalid substring range. start: ${start}, end: ${last}`);
  return chars.slice(Number(start), Number(last));
}

function replace(args: any[], meter: Meter): string {
  const [text, old, next, limit = -1n] = args as [string, string, string, bigint?];
  meter.spend(Math.ceil(text.length / 5));
  if (limit === 0n) return text;
  const parts = old === '' ? ['', ...text, ''] : text.split(old);
  const most = limit < 0n ? parts.length - 1 : Math.min(Number(limit), parts.length - 1);
  traverse(meter, most * next.length);
  const replaced = parts.slice(0, most + 1).join(next);
  const rest = parts.slice(most + 1);
  return rest.length ? [replaced, ...rest].join(old) : replaced;
}

function split(args: any[], meter: Meter): CelList {
  const [text, separator, limit = -1n] = args as [string, string, bigint?];
  meter.spend(Math.ceil(text.length / 5));
  if (limit === 0n) return new ArrayList([]);
  const parts = separator === '' ? [...text] : text.split(separator);
  if (limit < 0n || BigInt(parts.length) <= limit) return new ArrayList(parts);
  const kept = Number(limit) - 1;
  return new ArrayList([...parts.slice(0, kept), parts.slice(kept).join(separator)]);
}

function join(list: CelList, separator: string, meter: Meter): string {
  const parts: string[] = [];
  for (let i = 0; i < list.size; i++) {
    const item: CelValue = list.at(i);
    if (typeof item !== 'string') throw new Failure('no such overload');
    meter.spend(Math.ceil((item.length + separator.length + 1) / 5));
    parts.push(item);
  }
  return parts.join(separator);
}

const linear =
  (run: (text: string) => string) =>
  ([text]: any[], meter: Meter): string => {
    traverse(meter, (text as string).length);
    return run(text as string);
  };

function indexOf(args: any[], meter: Meter, last: boolean): bigint {
  const [text, wanted, offset] = args as [string, string, bigint?];
  traverse(meter, text.length);
  if (wanted === '') return offset ?? (last ? pointIndex(text, text.length) : 0n);
  const from = offset === undefined ? undefined : unitIndex(text, offset);
  return pointIndex(text, last ? text.lastIndexOf(wanted, from) : text.indexOf(wanted, from));
}

export const stringsLibrary = declare({
  'string.charAt(int): string': ([text, index], meter) => {
    traverse(meter, text.length);
    const chars = characters(text);
    if (index < 0n || index > BigInt(chars.length)) throw new Failure(`index out of range: ${index}`);
    return chars.slice(Number(index), Number(index) + 1);
  },
  'string.indexOf(string): int': (args, meter) => indexOf(args, meter, false),
  'string.indexOf(string, int): int': (args, meter) => indexOf(args, meter, false),
  'string.lastIndexOf(string): int': (args, meter) => indexOf(args, meter, true),
  'string.lastIndexOf(string, int): int': (args, meter) => indexOf(args, meter, true),
  'string.lowerAscii(): string': linear((text) => mapAscii(text, /[A-Z]+/g, (letters) => letters.toLowerCase())),
  'string.upperAscii(): string': linear((text) => mapAscii(text, /[a-z]+/g, (letters) => letters.toUpperCase())),
  'string.trim(): string': linear(trim),
  'string.reverse(): string': linear((text) => [...text].toReversed().join('')),
  'string.replace(string, string): string': replace,
  'string.replace(string, string, int): string': replace,
  'string.split(string): list<string>': split,
  'string.split(string, int): list<string>': split,
  'string.substring(int): string': ([text, start], meter) => {
    traverse(meter, text.length);
    return substring(text, start, undefined);
  },
  'string.substring(int, int): string': ([text, start, end], meter) => {
    traverse(meter, text.length);
    return substring(text, start, end);
  },
  'list<string>.join(): string': ([list], meter) => join(list, '', meter),
  'list<string>.join(string): string': ([list, separator], meter) => join(list, separator, meter),
  'string.format(list<dyn>): string': ([text, values], meter) => formatText(text, values, meter),
  'strings.quote(string): string': linear((text) => JSON.stringify(text)),
});

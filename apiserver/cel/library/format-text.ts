/** `"%s of %d".format([a, b])`: the verbs of cel-go's string extension. */
import type { Meter } from '../budget';
import { Failure } from '../errors';
import {
  CelDuration,
  type CelList,
  CelOptional,
  CelTimestamp,
  CelTypeValue,
  CelUint,
  type CelValue,
  isList,
  isMap,
} from '../values';
import { formatDouble } from './conversions';
import { formatDuration, formatTimestamp } from './time';

/** Throws Failure for an unknown verb, a missing argument, or one of the wrong type. */
export function formatText(template: string, values: CelList, meter: Meter): string {
  meter.spend(Math.ceil(template.length / 10));
  let next = 0;
  return template.replaceAll(
    /%(?:%|(?:\.(\d+))?([a-zA-Z])?)/g,
    (whole, precision: string | undefined, verb?: string) => {
      if (whole === '%%') return '%';
      if (!verb) throw new Failure(`could not parse formatting clause: unrecognized formatting clause "${whole}"`);
      if (next >= values.size) throw new Failure(`index ${next} out of range`);
      const text = formatOne(verb, values.at(next++), precision === undefined ? 6 : Number(precision), meter);
      meter.spend(Math.ceil(text.length / 10));
      return text;
    },
  );
}

function formatOne(verb: string, value: CelValue, precision: number, meter: Meter): string {
  switch (verb) {
    case 's':
      return display(value, meter);
    case 'd':
      if (typeof value === 'bigint') return String(value);
      if (value instanceof CelUint) return String(value.value);
      if (typeof value === 'number' && !Number.isFinite(value))
        return formatDouble(value).replace('+Inf', 'Infinity').replace('-Inf', '-Infinity');
      throw wrongType('decimal', 'integers');
    case 'f':
    case 'e': {
      const number = numberOf(value);
      if (number === undefined) throw wrongType(verb === 'f' ? 'fixed-point' : 'scientific', 'doubles');
      if (precision > 100) throw new Failure('precision is too large');
      if (!Number.isFinite(number)) return number > 0 ? 'Infinity' : number < 0 ? '-Infinity' : 'NaN';
      return verb === 'f'
        ? fixed(number, precision)
        : number.toExponential(precision).replace(/e([+-])(\d)$/, 'e$10$2');
    }
    case 'b':
    case 'o':
    case 'x':
    case 'X': {
      const text = inBase(value, verb);
      return verb === 'X' ? text.toUpperCase() : text;
    }
    default:
      throw new Failure(`could not parse formatting clause: unrecognized formatting clause "${verb}"`);
  }
}

const wrongType = (clause: string, wanted: string): Failure =>
  new Failure(`error during formatting: ${clause} clause can only be used on ${wanted}`);

/** Beyond 1e21 `toFixed` gives an exponent. */
const fixed = (value: number, precision: number): string =>
  Math.abs(value) < 1e21
    ? value.toFixed(precision)
    : `${BigInt(Math.round(value))}${precision ? `.${'0'.repeat(precision)}` : ''}`;

function numberOf(value: CelValue): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  return value instanceof CelUint ? Number(value.value) : undefined;
}

function inBase(value: CelValue, verb: string): string {
  const base = verb === 'b' ? 2 : verb === 'o' ? 8 : 16;
  if (verb === 'b' && typeof value === 'boolean') return value ? '1' : '0';
  if (base === 16 && typeof value === 'string') return Buffer.from(value).toString('hex');
  if (base === 16 && value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  const integer = value instanceof CelUint ? value.value : value;
  if (typeof integer !== 'bigint') throw wrongType(base === 2 ? 'binary' : base === 8 ? 'octal' : 'hex', 'integers');
  return integer.toString(base);
}

/** The text of any value, as `%s` prints it: lists and maps with their members. */
function display(value: CelValue, meter: Meter): string {
  meter.spend(2);
  if (value === null) return 'null';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return formatDouble(value).replace('+Inf', 'Infinity').replace('-Inf', '-Infinity');
  if (typeof value !== 'object') return String(value);
  if (value instanceof CelUint) return String(value.value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  if (value instanceof CelTimestamp) return formatTimestamp(value);
  if (value instanceof CelDuration) return formatDuration(value);
  if (value instanceof CelTypeValue) return value.name;
  if (value instanceof CelOptional) throw new Failure('no such overload');
  if (isList(value)) return `[${Array.from({ length: value.size }, (_, i) => display(value.at(i), meter)).join(', ')}]`;
  if (isMap(value)) {
    const entries = value.keys().map((key) => `${display(key, meter)}: ${display(value.get(key)!, meter)}`);
    return `{${entries.toSorted().join(', ')}}`;
  }
  throw new Failure('no such overload');
}

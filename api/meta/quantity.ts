/**
 * Amounts of resources: `100m`, `1Gi`, `2e3` (apimachinery `pkg/api/resource`). Exact: upstream keeps at most nine
 * decimals and caps at 2^63-1, so one bigint of billionths holds every value it can hold.
 */

export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

/** The text is no quantity; the message is upstream's. */
export class QuantityError extends Error {
  override readonly name = 'QuantityError';
}

const wrongFormat = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const wrongSuffix = "unable to parse quantity's suffix";

const nano = 1_000_000_000n;
const maxNanos = (2n ** 63n - 1n) * nano;
const binaryExponents: Record<string, bigint> = { Ki: 10n, Mi: 20n, Gi: 30n, Ti: 40n, Pi: 50n, Ei: 60n };
const decimalExponents: Record<string, number> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const decimalSuffixes = Object.fromEntries(
  Object.entries(decimalExponents).map(([text, exponent]) => [exponent, text]),
);
const binarySuffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

const divideUp = (value: bigint, divisor: bigint): bigint => {
  const quotient = value / divisor;
  return value % divisor > 0n ? quotient + 1n : quotient;
};

/** Away from zero: "you want some resources if you got resources". */
const divideAway = (value: bigint, divisor: bigint): bigint => (value % divisor === 0n ? 0n : 1n) + value / divisor;

export class Quantity {
  private constructor(
    private readonly nanos: bigint,
    readonly format: QuantityFormat,
  ) {}

  static readonly zero = new Quantity(0n, 'DecimalSI');

  /** Reads `500m`, `1.5Gi`, `1e3`, or a JSON number. Throws QuantityError. */
  static parse(text: string | number): Quantity {
    const match = /^([+-]?)(\d*)(?:\.(\d*))?([eEinumkKMGTP]*[-+]?[0-9]*)$/.exec(String(text));
    if (!match || String(text) === '') throw new QuantityError(wrongFormat);
    const [, sign, whole = '', fraction = '', suffix = ''] = match;
    if (whole === '' && fraction === '') throw new QuantityError(wrongFormat);
    const { base, exponent, format } = parseSuffix(suffix);
    let mantissa = BigInt(whole + fraction);
    let scale = 9 - fraction.length;
    if (base === 2) mantissa <<= BigInt(exponent);
    else scale += exponent;
    let nanos: bigint;
    if (mantissa === 0n) nanos = 0n;
    // Beyond these scales the answer is the cap or the smallest step, whatever the digits: no need to compute it.
    else if (scale > 64) nanos = maxNanos;
    else if (scale < 0)
      nanos = -scale > whole.length + fraction.length ? 1n : divideAway(mantissa, 10n ** BigInt(-scale));
    else nanos = mantissa * 10n ** BigInt(scale);
    if (nanos > maxNanos) nanos = maxNanos;
    const fractional = format === 'BinarySI' && nanos > 0n && nanos < nano;
    return new Quantity(sign === '-' ? -nanos : nanos, fractional ? 'DecimalSI' : format);
  }

  /** The quantity, or undefined when the text is none. */
  static tryParse(text: string | number | undefined): Quantity | undefined {
    if (text === undefined) return undefined;
    try {
      return Quantity.parse(text);
    } catch {
      return undefined;
    }
  }

  /** From thousandths: `Quantity.of(1500)` is `1500m`. Integers only. */
  static of(milli: number, format: QuantityFormat = 'DecimalSI'): Quantity {
    return new Quantity(BigInt(Math.round(milli)) * 1_000_000n, format);
  }

  /** From whole units: `Quantity.ofValue(1024, 'BinarySI')` is `1Ki`. */
  static ofValue(units: number | bigint, format: QuantityFormat = 'DecimalSI'): Quantity {
    return new Quantity(BigInt(units) * nano, format);
  }

  /** Thousandths, rounded up. */
  milliValue(): number {
    return Number(divideUp(this.nanos, 1_000_000n));
  }

  /** Whole units, rounded up. */
  value(): number {
    return Number(divideUp(this.nanos, nano));
  }

  /** The sum, in this format unless this is zero. */
  add(other: Quantity): Quantity {
    return new Quantity(this.nanos + other.nanos, this.isZero() ? other.format : this.format);
  }

  sub(other: Quantity): Quantity {
    return new Quantity(this.nanos - other.nanos, this.isZero() ? other.format : this.format);
  }

  cmp(other: Quantity): -1 | 0 | 1 {
    if (this.nanos === other.nanos) return 0;
    return this.nanos < other.nanos ? -1 : 1;
  }

  isZero(): boolean {
    return this.nanos === 0n;
  }

  isNegative(): boolean {
    return this.nanos < 0n;
  }

  /**
   * The canonical form: no fraction, the largest suffix that keeps the number whole. Binary quantities below 1024 or with
   * a fraction print as decimal ones.
   */
  toString(): string {
    if (this.nanos === 0n) return '0';
    const kibi = 1024n * nano;
    const binary =
      this.format === 'BinarySI' && this.nanos % nano === 0n && (this.nanos <= -kibi || this.nanos >= kibi);
    return binary ? formatBinary(this.nanos / nano) : formatDecimal(this.nanos, this.format === 'DecimalExponent');
  }

  toJSON(): string {
    return this.toString();
  }
}

function parseSuffix(suffix: string): { base: 2 | 10; exponent: number; format: QuantityFormat } {
  if (suffix in binaryExponents) return { base: 2, exponent: Number(binaryExponents[suffix]), format: 'BinarySI' };
  const exponent = decimalExponents[suffix];
  if (exponent !== undefined) return { base: 10, exponent, format: 'DecimalSI' };
  if (/^[eE][-+]?\d+$/.test(suffix)) {
    const power = Number(suffix.slice(1));
    // Upstream parses the exponent as a 64-bit integer; the value is capped long before.
    if (Math.abs(power) < 2 ** 31) return { base: 10, exponent: power, format: 'DecimalExponent' };
  }
  throw new QuantityError(wrongSuffix);
}

function formatBinary(units: bigint): string {
  let steps = 0;
  while (units % 1024n === 0n && steps < binarySuffixes.length - 1) {
    units /= 1024n;
    steps++;
  }
  return `${units}${binarySuffixes[steps]}`;
}

function formatDecimal(nanos: bigint, asExponent: boolean): string {
  let exponent = -9;
  while (nanos % 1000n === 0n && exponent < 18) {
    nanos /= 1000n;
    exponent += 3;
  }
  if (asExponent) return exponent === 0 ? String(nanos) : `${nanos}e${exponent}`;
  return `${nanos}${decimalSuffixes[exponent]}`;
}

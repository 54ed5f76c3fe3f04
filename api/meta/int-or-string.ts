/** Values that are a number or a percentage, such as maxSurge and minAvailable (apimachinery `pkg/util/intstr`). */
import type { IntOrString } from './types';

/** The percentage in `25%`, or undefined when the text is no percentage. */
export function percentOf(text: string): number | undefined {
  const digits = /^([+-]?\d+)%$/.exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/**
 * The absolute number: integers as they are, percentages as a share of `total`, rounded up or down. Throws with
 * upstream's text for any other string.
 */
export function scaledValueFromIntOrPercent(value: IntOrString, total: number, roundUp: boolean): number {
  if (typeof value === 'number') return value;
  const percent = percentOf(value);
  if (percent === undefined) {
    const problem = value.endsWith('%')
      ? `invalid value ${JSON.stringify(value)}: strconv.Atoi: parsing ${JSON.stringify(value.slice(0, -1))}: invalid syntax`
      : 'invalid type: string is not a percentage';
    throw new Error(`invalid value for IntOrString: ${problem}`);
  }
  const share = (percent * total) / 100;
  return roundUp ? Math.ceil(share) : Math.floor(share);
}

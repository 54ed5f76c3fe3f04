/** What rolling updates ask of their counts, which are numbers or percentages. Upstream: `pkg/apis/apps/validation`. */
import { nonNegative } from '../../meta/field-checks';
import { type FieldError, type FieldPath, invalid } from '../../meta/field-error';
import { percentOf } from '../../meta/int-or-string';
import { isValidPercent } from '../../meta/names';
import type { IntOrString } from '../../meta/types';

/** A count that is not negative, or a percentage. */
export function validateIntOrPercent(path: FieldPath, value: IntOrString | undefined): FieldError[] {
  if (typeof value !== 'string') return nonNegative(path, value);
  return isValidPercent(value).map((message) => invalid(path, value, message));
}

export const notMoreThanHundredPercent = (path: FieldPath, value: IntOrString | undefined): FieldError[] =>
  typeof value === 'string' && (percentOf(value) ?? 0) > 100
    ? [invalid(path, value, 'must not be greater than 100%')]
    : [];

/** True of 0, "0%" and what is not set. */
export const isZeroCount = (value: IntOrString | undefined): boolean =>
  typeof value === 'string' ? (percentOf(value) ?? 0) === 0 : !value;

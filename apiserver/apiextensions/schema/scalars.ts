/** Validation of texts and numbers by a schema. Lengths are counted in code points, as Go counts runes. */
import type { FieldError } from '../../../api/meta/field-error';
import { formats } from './formats';
import type { JsonSchema } from './json-schema';
import type { ValidationContext } from './validate';
import { badValue, general, tooLongText, wrongType } from './value-errors';

export function validateString(
  context: ValidationContext,
  text: string,
  { maxLength, minLength, pattern, format = '' }: JsonSchema,
  path: string,
): FieldError[] {
  const errors = lengthErrors(text, maxLength, minLength, path);
  if (!errors.length && pattern && !context.matches(pattern, text)) {
    errors.push(badValue(path, text, `should match '${pattern}'`));
  }
  const isOfFormat = formats.get(format);
  if (isOfFormat && !isOfFormat(text)) errors.push(wrongType(path, format, text));
  return errors;
}

function lengthErrors(text: string, maxLength = Infinity, minLength = 0, path: string): FieldError[] {
  // No text has more code points than code units, and none has less than half as many.
  if (text.length <= maxLength && text.length >= 2 * minLength) return [];
  const length = codePointsIn(text);
  if (length > maxLength) return [tooLongText(path, text, maxLength)];
  return length < minLength ? [badValue(path, text, `should be at least ${minLength} chars long`)] : [];
}

function codePointsIn(text: string): number {
  let length = 0;
  for (const _char of text) length++;
  return length;
}

const integerRanges: Readonly<Record<string, readonly [number, number]>> = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
  uint64: [0, 2 ** 64],
};

export function validateNumber(value: number, schema: JsonSchema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { type, format = '', multipleOf, maximum, minimum, exclusiveMaximum, exclusiveMinimum } = schema;
  if (type === 'integer') {
    const [low, high] = integerRanges[format] ?? [-(2 ** 63), 2 ** 63];
    if (!Number.isInteger(value) || value < low || value > high) {
      const named = format ? `with format ${format}` : '(default format)';
      errors.push(general(`Checked value must be of type integer ${named} in ${path}`));
    }
  }
  if (multipleOf !== undefined && !isMultiple(value, multipleOf)) {
    errors.push(badValue(path, value, `should be a multiple of ${multipleOf}`));
  }
  if (minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum)) {
    errors.push(badValue(path, value, `should be greater than ${exclusiveMinimum ? '' : 'or equal to '}${minimum}`));
  }
  if (maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum)) {
    errors.push(badValue(path, value, `should be less than ${exclusiveMaximum ? '' : 'or equal to '}${maximum}`));
  }
  return errors;
}

/** Within the precision of a double, so that 0.3 is a multiple of 0.1. */
function isMultiple(value: number, factor: number): boolean {
  const quotient = factor < 1 ? (1 / factor) * value : value / factor;
  const distance = Math.abs(quotient - Math.round(quotient));
  return distance === 0 || distance < 1e-9 * Math.max(1, Math.abs(quotient));
}

/** `anyOf`, `oneOf`, `allOf` and `not`: they narrow what the schema around them allows. Nothing in them is ratcheted. */
import type { FieldError } from '../../../api/meta/field-error';
import type { JsonSchema } from './json-schema';
import { general } from './value-errors';

/** `check` validates the value by one of the alternatives. */
export function validateAlternatives(
  { anyOf = [], oneOf = [], allOf = [], not }: JsonSchema,
  path: string,
  check: (schema: JsonSchema) => FieldError[],
): FieldError[] {
  if (!anyOf.length && !oneOf.length && !allOf.length && !not) return [];
  const name = JSON.stringify(path);
  const errors: FieldError[] = [];
  if (anyOf.length) {
    const outcomes = untilValid(anyOf, check);
    if (!outcomes.some(isValid)) {
      errors.push(general(`${name} must validate at least one schema (anyOf)`), ...fewest(outcomes));
    }
  }
  if (oneOf.length) {
    const outcomes = oneOf.map(check);
    const valid = outcomes.filter(isValid).length;
    if (valid !== 1) {
      const found = valid === 0 ? 'Found none valid' : `Found ${valid} valid alternatives`;
      errors.push(general(`${name} must validate one and only one schema (oneOf). ${found}`));
      if (valid === 0) errors.push(...fewest(outcomes));
    }
  }
  if (allOf.length) {
    const outcomes = allOf.map(check);
    errors.push(...outcomes.flat());
    const valid = outcomes.filter(isValid).length;
    if (valid !== allOf.length) {
      const none = valid === 0 ? '. None validated' : '';
      errors.push(general(`${name} must validate all the schemas (allOf)${none}`));
    }
  }
  if (not && isValid(check(not))) errors.push(general(`${name} must not validate the schema (not)`));
  return errors;
}

const isValid = (errors: FieldError[]): boolean => errors.length === 0;

function untilValid(schemas: JsonSchema[], check: (schema: JsonSchema) => FieldError[]): FieldError[][] {
  const outcomes: FieldError[][] = [];
  for (const schema of schemas) {
    const errors = check(schema);
    outcomes.push(errors);
    if (isValid(errors)) break;
  }
  return outcomes;
}

/** The errors of the alternative that was nearest to fit. */
const fewest = (outcomes: FieldError[][]): FieldError[] =>
  outcomes.reduce((best, errors) => (errors.length < best.length ? errors : best));

/** What decoding is made of: a plan for each type, and what one pass carries along. */
import type { BodyCheck } from '../meta/resource-definition';

/** `fields` has the struct fields down to here; `path` has list positions and map keys too. */
export interface Pass extends BodyCheck {
  fields: string[];
  path: string[];
  struct: string;
}

export interface Plan {
  /** Go's name of the type, as type errors print it. */
  goType: string;
  /** Answers the value to keep; undefined removes it. */
  visit(value: unknown, pass: Pass): unknown;
  /** What null becomes inside lists and maps; undefined means that null stays. */
  zero(): unknown;
}

export const newPass = (): Pass => ({ typeErrors: [], unknownFields: [], fields: [], path: [], struct: '' });

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

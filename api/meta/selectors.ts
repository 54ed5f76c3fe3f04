/**
 * Label and field selectors: the texts of `labelSelector` and `fieldSelector` parameters and the LabelSelector objects of
 * specs, as one interface (apimachinery `pkg/labels`, `pkg/fields`, `meta/v1/helpers.go`).
 */
import { parseLabelRequirements } from './label-selector-parser';
import { newBadRequest } from './status-error';
import type { LabelSelector } from './types';

export interface Requirement {
  key: string;
  operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
  values: string[];
  /** Written with `=`, `==` or `!=` rather than as a set; only the printed form differs. */
  equality?: boolean;
}

export interface Selector {
  /** Sorted by key. */
  requirements: readonly Requirement[];
  matches(labels?: Record<string, string>): boolean;
  /** True if it selects everything. */
  isEmpty: boolean;
  /** The form that `parseSelector` reads. */
  toString(): string;
}

export interface FieldRequirement {
  field: string;
  operator: '=' | '!=';
  value: string;
}

export interface FieldSelector {
  requirements: readonly FieldRequirement[];
  /** `get` answers the value of a field, '' when it is unset. */
  matches(get: (field: string) => string): boolean;
  toString(): string;
}

/** Reads a `labelSelector` parameter. Throws a BadRequest StatusError with upstream's text. */
export function parseSelector(text: string): Selector {
  const parsed = parseLabelRequirements(text);
  if (typeof parsed === 'string') throw newBadRequest(parsed);
  return selectorOf(parsed);
}

/** The selector of a spec: undefined matches nothing, an empty one everything. Throws BadRequest on an unknown operator. */
export function selectorFromLabelSelector(selector: LabelSelector | undefined): Selector {
  if (!selector) return nothing;
  const requirements = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => equals(key, value));
  for (const { key, operator, values = [] } of selector.matchExpressions ?? []) {
    if (!isSetOperator(operator))
      throw newBadRequest(`${JSON.stringify(operator)} is not a valid label selector operator`);
    requirements.push({ key, operator, values: [...values] });
  }
  return selectorOf(requirements);
}

/** A map of required values, as in Service and ReplicationController specs. Undefined and {} match everything. */
export const selectorFromMap = (map: Record<string, string> | undefined): Selector =>
  selectorOf(Object.entries(map ?? {}).map(([key, value]) => equals(key, value)));

export const everything: Selector = selectorOf([]);

export const nothing: Selector = { requirements: [], matches: () => false, isEmpty: false, toString: () => '' };

/** A selector of requirements that must all hold. */
export function selectorOf(requirements: readonly Requirement[]): Selector {
  const sorted = [...requirements].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const tests = sorted.map(testOf);
  return {
    requirements: sorted,
    matches: (labels = {}) => tests.every((test) => test(labels)),
    isEmpty: sorted.length === 0,
    toString: () => sorted.map(formatRequirement).join(','),
  };
}

const equals = (key: string, value: string): Requirement => ({ key, operator: 'In', values: [value], equality: true });

const isSetOperator = (operator: string): operator is 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' =>
  ['In', 'NotIn', 'Exists', 'DoesNotExist'].includes(operator);

function testOf({ key, operator, values }: Requirement): (labels: Record<string, string>) => boolean {
  const has = (labels: Record<string, string>): boolean => Object.hasOwn(labels, key);
  const [first] = values;
  switch (operator) {
    case 'In':
      return values.length === 1
        ? (labels) => has(labels) && labels[key] === first
        : (labels) => has(labels) && values.includes(labels[key]!);
    case 'NotIn':
      return (labels) => !has(labels) || !values.includes(labels[key]!);
    case 'Exists':
      return has;
    case 'DoesNotExist':
      return (labels) => !has(labels);
    case 'Gt':
    case 'Lt':
      return (labels) => has(labels) && compareIntegers(labels[key]!, operator, first!);
  }
}

/** Labels that are no integers never match. */
function compareIntegers(label: string, operator: 'Gt' | 'Lt', bound: string): boolean {
  if (!/^[+-]?\d+$/.test(label)) return false;
  const difference = BigInt(label) - BigInt(bound);
  return operator === 'Gt' ? difference > 0n : difference < 0n;
}

function formatRequirement({ key, operator, values, equality }: Requirement): string {
  const set = `(${[...values].sort().join(',')})`;
  switch (operator) {
    case 'In':
      return equality ? `${key}=${values[0]}` : `${key} in ${set}`;
    case 'NotIn':
      return equality ? `${key}!=${values[0]}` : `${key} notin ${set}`;
    case 'Exists':
      return key;
    case 'DoesNotExist':
      return `!${key}`;
    case 'Gt':
      return `${key}>${values[0]}`;
    case 'Lt':
      return `${key}<${values[0]}`;
  }
}

/** Reads a `fieldSelector` parameter: `a=b,c!=d`, with `\,`, `\=` and `\\` escaped. Throws a BadRequest StatusError. */
export function parseFieldSelector(text: string): FieldSelector {
  const requirements: FieldRequirement[] = [];
  for (const term of splitTerms(text)) {
    if (term === '') continue;
    const match = /^((?:[^=!\\]|\\.|!(?!=))*)(!=|==|=)(.*)$/s.exec(term);
    if (!match) throw newBadRequest(`invalid selector: '${text}'; can't understand '${term}'`);
    const [, field = '', operator, value = ''] = match;
    requirements.push({ field, operator: operator === '!=' ? '!=' : '=', value: unescapeValue(value) });
  }
  return {
    requirements,
    matches: (get) => requirements.every(({ field, operator, value }) => (get(field) === value) === (operator === '=')),
    toString: () => requirements.map((r) => `${r.field}${r.operator}${escapeValue(r.value)}`).join(','),
  };
}

/** At commas that no backslash escapes. */
function splitTerms(text: string): string[] {
  const terms: string[] = [];
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === ',') {
      terms.push(text.slice(start, i));
      start = i + 1;
    }
  }
  return [...terms, text.slice(start)];
}

function unescapeValue(value: string): string {
  let result = '';
  for (let i = 0; i < value.length; i++) {
    const char = value[i]!;
    if (char === '\\') {
      const escaped = value[++i] ?? '';
      if (!['\\', ',', '='].includes(escaped)) {
        throw newBadRequest(`invalid field selector: invalid escape sequence: \\${escaped}`);
      }
      result += escaped;
    } else if (char === ',' || char === '=') {
      throw newBadRequest(`invalid field selector: unescaped character in value: ${char.charCodeAt(0)}`);
    } else {
      result += char;
    }
  }
  return result;
}

const escapeValue = (value: string): string => value.replace(/[\\,=]/g, '\\$&');

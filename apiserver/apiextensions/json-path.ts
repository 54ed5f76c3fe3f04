/**
 * The JSONPath of printer columns: fields, `['quoted']` fields, indexes, slices, wildcards, unions and filters. Upstream: client-go
 * `util/jsonpath` as the table convertor uses it, with missing keys allowed. Recursive descent is left out, as upstream's
 * validation of CustomResourceDefinitions refuses it.
 */

type Step =
  | { kind: 'field'; name: string }
  | { kind: 'slice'; start: number | undefined; end: number | undefined; step: number }
  | { kind: 'wildcard' }
  | { kind: 'union'; paths: Step[][] }
  | { kind: 'filter'; left: Operand; operator: string; right: Operand | undefined };

type Operand = { path: Step[] } | { literal: unknown };

export class JsonPathError extends Error {}

/** A parsed path. `find` gives the values it leads to; none where something is missing. */
export interface JsonPath {
  find(root: unknown): unknown[];
}

/** `text` begins with a dot or a bracket: `.spec.replicas`. Throws JsonPathError. */
export function parseJsonPath(text: string): JsonPath {
  const reader = new Reader(text);
  const steps = reader.steps();
  if (!reader.atEnd) throw new JsonPathError(`unexpected ${JSON.stringify(reader.rest)} in ${JSON.stringify(text)}`);
  return { find: (root) => walk([root], steps) };
}

class Reader {
  private position = 0;

  constructor(private readonly text: string) {}

  get atEnd(): boolean {
    return this.position >= this.text.length;
  }

  get rest(): string {
    return this.text.slice(this.position);
  }

  steps(): Step[] {
    const steps: Step[] = [];
    for (;;) {
      if (this.text.startsWith('..', this.position)) throw new JsonPathError('recursive descent is not supported');
      if (this.take('.')) {
        if (this.take('*')) steps.push({ kind: 'wildcard' });
        else {
          const name = this.match(/(?:\\.|[^.[\]\s,()=<>!'"*])+/y);
          if (name !== undefined) steps.push({ kind: 'field', name: name.replace(/\\(.)/g, '$1') });
          else if (!this.atEnd && this.text[this.position] !== '[') this.fail('a field name');
        }
      } else if (this.take('[')) steps.push(this.bracket());
      else return steps;
    }
  }

  private bracket(): Step {
    if (this.take('?(')) {
      const filter = this.filter();
      this.expect(')]');
      return filter;
    }
    const parts: Step[] = [];
    do {
      this.skipSpace();
      const quoted = this.match(/'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"/y);
      if (quoted !== undefined) parts.push({ kind: 'field', name: unquote(quoted) });
      else if (this.take('*')) parts.push({ kind: 'wildcard' });
      else parts.push(this.slice());
      this.skipSpace();
    } while (this.take(','));
    this.expect(']');
    return parts.length === 1 ? parts[0]! : { kind: 'union', paths: parts.map((part) => [part]) };
  }

  private slice(): Step {
    const text = this.match(/-?\d*(?::-?\d*){0,2}/y) ?? '';
    if (text === '') this.fail('an index');
    const [start, end, step] = text.split(':').map((part) => (part === '' ? undefined : Number(part)));
    if (!text.includes(':')) {
      const index = start!;
      return { kind: 'slice', start: index, end: index === -1 ? undefined : index + 1, step: 1 };
    }
    return { kind: 'slice', start, end, step: step ?? 1 };
  }

  private filter(): Step {
    const left = this.operand();
    this.skipSpace();
    const operator = this.match(/==|!=|<=|>=|<|>/y);
    if (operator === undefined) return { kind: 'filter', left, operator: 'exists', right: undefined };
    const right = this.operand();
    this.skipSpace();
    return { kind: 'filter', left, operator, right };
  }

  private operand(): Operand {
    this.skipSpace();
    if (this.take('@')) return { path: this.steps() };
    const quoted = this.match(/'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"/y);
    if (quoted !== undefined) return { literal: unquote(quoted) };
    const word = this.match(/-?\d+(?:\.\d+)?|true|false/y);
    if (word === undefined) return this.fail('a value');
    return { literal: JSON.parse(word) as unknown };
  }

  private take(token: string): boolean {
    if (!this.text.startsWith(token, this.position)) return false;
    this.position += token.length;
    return true;
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.text)?.[0];
    if (found) this.position += found.length;
    return found || undefined;
  }

  private expect(token: string): void {
    if (!this.take(token)) this.fail(JSON.stringify(token));
  }

  private skipSpace(): void {
    while (this.text[this.position] === ' ') this.position++;
  }

  private fail(wanted: string): never {
    throw new JsonPathError(`expected ${wanted} at ${this.position} in ${JSON.stringify(this.text)}`);
  }
}

const unquote = (quoted: string): string => quoted.slice(1, -1).replace(/\\(.)/g, '$1');

function walk(values: unknown[], steps: readonly Step[]): unknown[] {
  return steps.reduce((current, step) => current.flatMap((value) => follow(value, step)), values);
}

function follow(value: unknown, step: Step): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  switch (step.kind) {
    case 'field':
      return !Array.isArray(value) && Object.hasOwn(value, step.name)
        ? [(value as Record<string, unknown>)[step.name]]
        : [];
    case 'wildcard':
      return Object.values(value);
    case 'union':
      return step.paths.flatMap((path) => walk([value], path));
    case 'slice':
      return Array.isArray(value) ? sliceOf(value, step) : [];
    case 'filter':
      return Array.isArray(value) ? value.filter((item) => fits(item, step)) : [];
  }
}

function sliceOf(list: unknown[], { start = 0, end = list.length, step }: Extract<Step, { kind: 'slice' }>): unknown[] {
  const from = Math.max(start < 0 ? start + list.length : start, 0);
  const to = Math.min(end < 0 ? end + list.length : end, list.length);
  const found: unknown[] = [];
  if (step > 0) for (let index = from; index < to; index += step) found.push(list[index]);
  return found;
}

function fits(item: unknown, { left, operator, right }: Extract<Step, { kind: 'filter' }>): boolean {
  const [first] = valuesOf(left, item);
  if (operator === 'exists') return first !== undefined;
  const [second] = valuesOf(right!, item);
  if (first === undefined || typeof first !== typeof second) return false;
  switch (operator) {
    case '==':
      return first === second;
    case '!=':
      return first !== second;
    case '<':
      return (first as number) < (second as number);
    case '<=':
      return (first as number) <= (second as number);
    case '>':
      return (first as number) > (second as number);
    default:
      return (first as number) >= (second as number);
  }
}

const valuesOf = (operand: Operand, item: unknown): unknown[] =>
  'path' in operand ? walk([item], operand.path) : [operand.literal];

/** The three ways in which an expression fails: it does not compile, it fails on its input, or it costs too much. */

export interface CelIssue {
  /** Offset into the source, in UTF-16 units. */
  offset: number;
  message: string;
}

/** `message` is laid out as cel-go prints issues, with the line of source and a mark below it. */
export class CelCompileError extends Error {
  override readonly name = 'CelCompileError';

  constructor(
    readonly source: string,
    readonly issues: readonly CelIssue[],
    /** For what is wrong with the whole and not at one place. */
    message?: string,
  ) {
    super(message ?? issues.map((issue) => formatIssue(source, issue)).join('\n'));
  }
}

/** Evaluation failed: `no such key: x`, `division by zero`, … */
export class CelRuntimeError extends Error {
  override readonly name = 'CelRuntimeError';
}

/** `expression`: one evaluation exceeded its own limit. `budget`: what several evaluations share is used up. */
export class CostExceeded extends Error {
  override readonly name = 'CostExceeded';

  constructor(readonly scope: 'expression' | 'budget') {
    super('operation cancelled: actual cost limit exceeded');
  }
}

/**
 * A failure inside an evaluation. Not an Error: `||` and `&&` absorb failures, and a stack trace for each would let a hostile
 * expression cost far more time than its price.
 */
export class Failure {
  constructor(readonly message: string) {}
}

/** What absorbing a failure costs: it takes longer than a step. */
export const absorbCost = 10;

export const noSuchOverload = (): Failure => new Failure('no such overload');
export const noSuchKey = (key: unknown): Failure => new Failure(`no such key: ${String(key)}`);

function formatIssue(source: string, { offset, message }: CelIssue): string {
  const before = source.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  const lineEnd = source.indexOf('\n', offset);
  const line = source.slice(lineStart, lineEnd < 0 ? undefined : lineEnd);
  const column = [...source.slice(lineStart, offset)].length;
  const number = before.split('\n').length;
  return `ERROR: <input>:${number}:${column + 1}: ${message}\n | ${line.replaceAll('\t', ' ')}\n | ${'.'.repeat(column)}^`;
}

/** Regular expressions of users, on an engine whose time is linear in the text: Go's syntax, no backtracking. */
import { RE2JS } from 're2js';
import { Failure } from './errors';
import { programSizeBound } from './regex-size';

const maxPatternLength = 10_000;
/** Programs are kept for patterns in use: most expressions have constant ones. */
const maxKept = 200;
/** Steps of a program; what is larger would take long to make, and on any text. */
const maxProgramSize = 20_000;

class PatternCache {
  private readonly kept = new Map<string, RE2JS>();

  /** Throws Failure with Go's message when the pattern is none. */
  get(pattern: string): RE2JS {
    const known = this.kept.get(pattern);
    if (known) return known;
    const compiled = compilePattern(pattern);
    const [oldest] = this.kept.keys();
    if (this.kept.size >= maxKept && oldest !== undefined) this.kept.delete(oldest);
    this.kept.set(pattern, compiled);
    return compiled;
  }
}

/** Remembers what a pure function gives: nothing but time depends on it. */
const cache = new PatternCache();

const tooLarge = (): Failure => new Failure('error parsing regexp: expression too large');

function compilePattern(pattern: string): RE2JS {
  if (pattern.length > maxPatternLength || programSizeBound(pattern) > 4 * maxProgramSize) throw tooLarge();
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(pattern);
  } catch (error) {
    throw new Failure((error as Error).message);
  }
  if (compiled.programSize() > maxProgramSize) throw tooLarge();
  return compiled;
}

/** True if the pattern matches anywhere in the text. Throws Failure for a bad pattern. */
export function matchesLinear(pattern: string, text: string): boolean {
  return cache.get(pattern).matcher(text).find();
}

export function findLinear(pattern: string, text: string, limit: number): string[] {
  const matcher = cache.get(pattern).matcher(text);
  const found: string[] = [];
  while (found.length < limit && matcher.find()) found.push(matcher.group() ?? '');
  return found;
}

/** The problem with a pattern, as Go words it. */
export function regexProblem(pattern: string): string | undefined {
  try {
    cache.get(pattern);
    return undefined;
  } catch (error) {
    return (error as Failure).message;
  }
}

/** cel-go's price: a tenth of the text times a quarter of the pattern. Repetitions expand, so the program counts too. */
export function regexCost(text: string, pattern: string): number {
  const program = pattern.length <= maxPatternLength && /\{\d/.test(pattern) ? programSizeOf(pattern) : pattern.length;
  return Math.ceil((text.length + 1) / 10) * Math.ceil(Math.max(pattern.length, program) / 4);
}

function programSizeOf(pattern: string): number {
  try {
    return cache.get(pattern).programSize();
  } catch {
    return pattern.length;
  }
}

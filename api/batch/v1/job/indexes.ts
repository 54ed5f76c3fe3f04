/** Lists of completion indexes as a Job's status has them: `1,3-5,7`, increasing. Upstream: `pkg/apis/batch/validation`. */

/** The first and last index of an interval. */
export type IndexInterval = readonly [first: number, last: number];

/** Why a list is none, in upstream's words. */
export class IndexesError extends Error {
  override readonly name = 'IndexesError';
}

function parseIndex(text: string, completions: number): number {
  if (!/^[+-]?\d+$/.test(text)) {
    throw new IndexesError(`cannot convert string to integer for index: ${JSON.stringify(text)}`);
  }
  const index = Number(text);
  if (index >= completions) throw new IndexesError(`too large index: ${JSON.stringify(text)}`);
  return index;
}

const increasing = (previous: number, current: number): void => {
  if (previous < current) return;
  throw new IndexesError(`non-increasing order, previous: ${previous}, current: ${current}`);
};

function parseInterval(text: string, completions: number): IndexInterval {
  const parts = text.split('-');
  if (parts.length > 2) {
    const rule = "violates the requirement that an index interval can have at most two parts separated by '-'";
    throw new IndexesError(`the fragment ${JSON.stringify(text)} ${rule}`);
  }
  const first = parseIndex(parts[0]!, completions);
  if (parts.length === 1) return [first, first];
  const last = parseIndex(parts[1]!, completions);
  increasing(first, last);
  return [first, last];
}

/** Reads a list whose indexes are below `completions`. Throws IndexesError. */
export function parseIndexes(text: string, completions: number): IndexInterval[] {
  const intervals: IndexInterval[] = [];
  for (const part of text === '' ? [] : text.split(',')) {
    const interval = parseInterval(part, completions);
    const previous = intervals.at(-1);
    if (previous) increasing(previous[1], interval[0]);
    intervals.push(interval);
  }
  return intervals;
}

/** How many indexes there are. */
export const countIndexes = (intervals: readonly IndexInterval[]): number =>
  intervals.reduce((sum, [first, last]) => sum + last - first + 1, 0);

/** The lowest index that both lists have. */
export function firstCommonIndex(one: readonly IndexInterval[], other: readonly IndexInterval[]): number | undefined {
  for (let i = 0, j = 0; i < one.length && j < other.length;) {
    const [first, last] = one[i]!;
    const [otherFirst, otherLast] = other[j]!;
    const common = Math.max(first, otherFirst);
    if (common <= Math.min(last, otherLast)) return common;
    if (last < otherLast) i++;
    else j++;
  }
  return undefined;
}

/**
 * How large the program of a pattern becomes: counted repetitions are written out, so that a few thousand characters can ask
 * for millions of steps. Found out before the pattern is compiled, because compiling is what takes the time and the memory.
 */

/** Pure: an upper bound of the steps. Of patterns that are none, any number. */
export function programSizeBound(pattern: string): number {
  /** Sizes of the open groups, and of the last part of each: what a repetition is applied to. */
  const groups = [{ size: 0, last: 0 }];
  const add = (size: number): void => {
    const group = groups.at(-1)!;
    group.size += size;
    group.last = size;
  };
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at];
    if (character === '\\') {
      at++;
      add(1);
    } else if (character === '[') {
      const end = classEnd(pattern, at);
      add(1);
      at = end;
    } else if (character === '(') groups.push({ size: 2, last: 0 });
    else if (character === ')') {
      const closed = groups.length > 1 ? groups.pop()! : { size: 0 };
      add(closed.size);
    } else if (character === '{') {
      const count = /^\{(\d{1,9})(?:,(\d{0,9}))?\}/.exec(pattern.slice(at, at + 24));
      const times = count ? Math.max(Number(count[1]), Number(count[2] ?? 0)) + 1 : 1;
      const group = groups.at(-1)!;
      group.size += group.last * (times - 1) * 2;
      group.last *= times * 2;
      at += count ? count[0].length - 1 : 0;
    } else add(1);
  }
  return groups.reduce((total, { size }) => total + size, 0);
}

/** Where the class that opens at `start` ends; a bracket that comes first, or in a class of its own, does not close it. */
function classEnd(pattern: string, start: number): number {
  let at = start + 1;
  if (pattern[at] === '^') at++;
  if (pattern[at] === ']') at++;
  for (; at < pattern.length && pattern[at] !== ']'; at++) {
    if (pattern[at] === '\\') at++;
    else if (pattern.startsWith('[:', at)) at = Math.max(at, pattern.indexOf(':]', at) + 1);
  }
  return at;
}

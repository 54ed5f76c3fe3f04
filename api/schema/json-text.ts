/** What a JSON text shows and its parsed value no longer does: fields that are written twice, and how deep it nests. */

/** Upstream's decoder gives up at this depth (`exceeded max depth`). */
export const maxJsonDepth = 10_000;

interface Frame {
  /** The names seen in an object; undefined for a list. */
  names: Set<string> | undefined;
  /** Where a child of this frame is: the last name seen, or the position. */
  at: string | number;
}

/**
 * The paths of fields that occur more than once in their object, as strict decoding prints them: `spec.replicas`. The text
 * must be valid JSON.
 */
export function findDuplicateFields(text: string): string[] {
  const duplicates = new Set<string>();
  const frames: Frame[] = [];
  let expectsName = false;
  for (let i = 0; i < text.length; i++) {
    const frame = frames.at(-1);
    switch (text[i]) {
      case '{':
        frames.push({ names: new Set(), at: '' });
        expectsName = true;
        break;
      case '[':
        frames.push({ names: undefined, at: 0 });
        expectsName = false;
        break;
      case '}':
      case ']':
        frames.pop();
        expectsName = false;
        break;
      case ',':
        if (frame?.names) expectsName = true;
        else if (frame) frame.at = (frame.at as number) + 1;
        break;
      case '"': {
        const end = endOfString(text, i);
        if (expectsName && frame?.names) {
          frame.at = JSON.parse(text.slice(i, end + 1)) as string;
          if (frame.names.has(frame.at) && duplicates.size < 100) duplicates.add(pathOf(frames));
          frame.names.add(frame.at);
          expectsName = false;
        }
        i = end;
        break;
      }
    }
  }
  return [...duplicates];
}

/** The deepest nesting of lists and objects in the text. Needs no valid JSON, so it can run before parsing. */
export function jsonDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '"') i = endOfString(text, i);
    else if (char === '{' || char === '[') deepest = Math.max(deepest, ++depth);
    else if (char === '}' || char === ']') depth--;
  }
  return deepest;
}

/** The position of the closing quote. */
function endOfString(text: string, start: number): number {
  let i = start + 1;
  while (i < text.length && text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
  return i;
}

const pathOf = (frames: readonly Frame[]): string =>
  frames.map(({ names, at }, depth) => (names ? `${depth ? '.' : ''}${at}` : `[${at}]`)).join('');

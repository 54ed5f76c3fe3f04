/** Finds keys that stand twice in one JSON object: JSON.parse keeps the last without a word, upstream warns or refuses. */

/** Paths such as `spec.containers[0].image`, each once, in document order. `json` is valid JSON. */
export function findDuplicateFields(json: Buffer): string[] {
  const text = json.toString('utf8');
  const found = new Set<string>();
  let position = 0;

  const skipSpace = (): void => {
    while (text.charCodeAt(position) <= 0x20) position++;
  };
  const skipString = (): string => {
    const start = position++;
    for (; text[position] !== '"'; position++) if (text[position] === '\\') position++;
    position++;
    return text.slice(start, position);
  };
  const visitObject = (path: string): void => {
    const keys = new Set<string>();
    position++;
    for (skipSpace(); text[position] !== '}'; skipSpace()) {
      if (text[position] === ',') {
        position++;
        continue;
      }
      const raw = skipString();
      const key = raw.includes('\\') ? (JSON.parse(raw) as string) : raw.slice(1, -1);
      const childPath = path ? `${path}.${key}` : key;
      if (keys.has(key)) found.add(childPath);
      keys.add(key);
      skipSpace();
      position++;
      visit(childPath);
    }
    position++;
  };
  const visitArray = (path: string): void => {
    position++;
    let index = 0;
    for (skipSpace(); text[position] !== ']'; skipSpace()) {
      if (text[position] === ',') position++;
      else visit(`${path}[${index++}]`);
    }
    position++;
  };
  const visit = (path: string): void => {
    skipSpace();
    const char = text[position];
    if (char === '{') visitObject(path);
    else if (char === '[') visitArray(path);
    else if (char === '"') skipString();
    else while (position < text.length && !',]} \n\r\t'.includes(text[position]!)) position++;
  };
  visit('');
  return [...found];
}

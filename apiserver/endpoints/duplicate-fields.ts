/** Finds keys that stand twice in one object: parsing keeps the last without a word, upstream warns or refuses. */
import { isMap, LineCounter, parseDocument, visit as visitYaml } from 'yaml';
import type { BodyFormat } from './negotiate';

/** What strict decoding says of a body before it looks at its fields. */
export interface Repetitions {
  /** For the one error of strict validation. */
  errors: readonly string[];
  /** For warnings, one for each. */
  warnings: readonly string[];
}

export const noRepetitions: Repetitions = { errors: [], warnings: [] };

const duplicateField = (path: string): string => `duplicate field ${JSON.stringify(path)}`;
export const unknownField = (path: string): string => `unknown field ${JSON.stringify(path)}`;

/** In the words of Go's strict decoders. `body` was parsed as that format, to `value`. */
export function findRepetitions(body: Buffer, format: BodyFormat, value: unknown): Repetitions {
  if (format === 'protobuf') return noRepetitions;
  if (format === 'json') {
    // The rule: as many names in the text as there are members.
    if (countNames(body) === countMembers(value)) return noRepetitions;
    const texts = findDuplicateFields(body).map(duplicateField);
    return { errors: texts, warnings: texts };
  }
  const warnings = findDuplicateKeys(body);
  return { errors: warnings.length > 0 ? [yamlErrors(warnings)] : [], warnings };
}

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;

/** Every name in JSON, and nothing else outside strings, is followed by a colon. */
function countNames(json: Buffer): number {
  let count = 0;
  let inString = false;
  for (let i = 0; i < json.length; i++) {
    const byte = json[i]!;
    if (inString) {
      if (byte === backslash) i++;
      else if (byte === quote) inString = false;
    } else if (byte === quote) inString = true;
    else if (byte === colon) count++;
  }
  return count;
}

function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const members: unknown[] = Object.values(value);
  let count = Array.isArray(value) ? 0 : members.length;
  for (const member of members) count += countMembers(member);
  return count;
}

const yamlErrors = (texts: readonly string[]): string =>
  `yaml: unmarshal errors:${texts.map((text) => `\n  ${text}`).join('')}`;

/** `line 3: key "image" already set in map`. `yaml` is valid YAML. */
function findDuplicateKeys(yaml: Buffer): string[] {
  const text = yaml.toString('utf8');
  // JSON without repetitions is the rule.
  if (text.startsWith('{') && isJson(text) && findDuplicateFields(yaml).length === 0) return [];
  const lineCounter = new LineCounter();
  const found: string[] = [];
  visitYaml(parseDocument(text, { uniqueKeys: false, lineCounter, logLevel: 'error' }), {
    Map(_key, map) {
      if (!isMap(map)) return;
      const keys = new Set<unknown>();
      for (const { key } of map.items) {
        const { value, range } = key as { value?: unknown; range?: [number, number, number] };
        if (keys.has(value)) {
          const { line } = lineCounter.linePos(range?.[0] ?? 0);
          found.push(`line ${line}: key ${JSON.stringify(value)} already set in map`);
        }
        keys.add(value);
      }
    },
  });
  return found;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * What a decoder says that meets unknown and repeated fields in one pass. What lies inside an unknown field is skipped, not
 * decoded. `json` is valid JSON.
 */
export function strictErrorsOf(json: Buffer, unknown: readonly string[]): string[] {
  const isUnknown = new Set(unknown);
  const texts = new Set<string>();
  visitFields(json, (path, repeated, parents) => {
    if (isUnknown.has(path)) texts.add(unknownField(path));
    else if (repeated && !parents.some((parent) => isUnknown.has(parent))) {
      texts.add(duplicateField(path));
    }
  });
  return [...texts];
}

/** Paths such as `spec.containers[0].image`, each once, in document order. `json` is valid JSON. */
export function findDuplicateFields(json: Buffer): string[] {
  const found = new Set<string>();
  visitFields(json, (path, repeated) => {
    if (repeated) found.add(path);
  });
  return [...found];
}

/** `parents` are the paths of the fields around the one at `path`. */
type FieldVisitor = (path: string, repeated: boolean, parents: readonly string[]) => void;

function visitFields(json: Buffer, onField: FieldVisitor): void {
  const text = json.toString('utf8');
  const parents: string[] = [];
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
      onField(childPath, keys.has(key), parents);
      keys.add(key);
      skipSpace();
      position++;
      parents.push(childPath);
      visit(childPath);
      parents.pop();
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
}

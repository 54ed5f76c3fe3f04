/**
 * The elements of field paths: their serialized form in `fieldsV1`, which is also the key of a `FieldSet`, and how messages
 * print them. Upstream: structured-merge-diff `fieldpath/{element,serialize-pe}.go`.
 */

export const fieldElement = (name: string): string => `f:${name}`;
export const valueElement = (value: unknown): string => `v:${JSON.stringify(value)}`;

/** `fields` in the order of their names. */
export const keyElement = (fields: readonly (readonly [name: string, value: unknown])[]): string =>
  `k:{${fields.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`;

export const isFieldElement = (element: string): boolean => element.startsWith('f:');
export const nameOfElement = (element: string): string => element.slice(2);

const isScalar = (value: unknown): boolean => value === null || typeof value !== 'object';

/** The element as this server writes it. Throws if it is none. */
export function canonicalElement(element: string): string {
  const text = element.slice(2);
  switch (element.slice(0, 2)) {
    case 'f:':
      return element;
    case 'v:':
      return valueElement(JSON.parse(text));
    case 'i:':
      if (/^-?\d+$/.test(text)) return element;
      break;
    case 'k:': {
      const key: unknown = JSON.parse(text);
      if (typeof key !== 'object' || key === null || Array.isArray(key)) break;
      const fields = Object.entries(key).sort(([a], [b]) => (a < b ? -1 : 1));
      if (fields.length > 0 && fields.every(([, value]) => isScalar(value))) return keyElement(fields);
    }
  }
  throw new Error(`unknown path element type: ${element}`);
}

/** Elements side by side in order: `.` first, then by name, by key or by value. The array itself if they are. */
export function sortElements(elements: string[]): string[] {
  if (!elements.some(hasNumber)) return isAscending(elements) ? elements : [...elements].sort();
  const values = new Map(
    elements.filter(isValued).map((element) => [element, JSON.parse(element.slice(2)) as unknown]),
  );
  return [...elements].sort((a, b) =>
    isValued(a) && a[0] === b[0] ? compareValues(values.get(a), values.get(b)) : compareText(a, b),
  );
}

const isValued = (element: string): boolean => element[0] === 'k' || element[0] === 'v';

/** Only numbers are in another order than their text. */
const hasNumber = (element: string): boolean => isValued(element) && /^v:-?\d|":-?\d/.test(element);

function isAscending(texts: readonly string[]): boolean {
  for (let index = 1; index < texts.length; index++) if (texts[index - 1]! > texts[index]!) return false;
  return true;
}

/** Scalars, or keys of the same list, whose fields are in the order of their names. */
function compareValues(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (isScalar(a) || isScalar(b)) return compareText(JSON.stringify(a), JSON.stringify(b));
  const others = Object.entries(b as object);
  for (const [index, [name, value]] of Object.entries(a as object).entries()) {
    const [otherName, otherValue] = others[index] ?? [''];
    const order = compareText(name, otherName) || compareValues(value, otherValue);
    if (order) return order;
  }
  return 0;
}

const compareText = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** Path elements of messages: `.spec`, `[name="web"]`, `[="x"]`, `[0]`. */
export function printElement(element: string): string {
  const text = nameOfElement(element);
  switch (element[0]) {
    case 'f':
      return `.${text}`;
    case 'v':
      return `[=${text}]`;
    case 'k': {
      const fields = Object.entries(JSON.parse(text) as Record<string, unknown>);
      return `[${fields.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`;
    }
    default:
      return `[${text}]`;
  }
}

/** `.spec.template.spec.containers[name="web"].image`. */
export const printPath = (path: readonly string[]): string => path.map(printElement).join('');

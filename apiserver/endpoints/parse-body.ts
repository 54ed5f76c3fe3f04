/** Parses bodies of requests within bounds, so that no document harms the code that walks it later. */
import { jsonErrorMessage } from '../../api/meta/json-error';
import { maxBodyBytes, tooLarge } from './body';
import type { OutputFormat } from './negotiate';
import { yamlToJson } from './yaml-body';

/** Deeper documents than any object has, and far below what recursive code stands. */
const maxDepth = 500;

/** Throws a plain Error in the words of Go's decoders; the caller says of which object. */
export function parseBody(body: Buffer, format: OutputFormat): unknown {
  // JSON is YAML, and much faster to read.
  const value = format === 'json' || startsLikeJson(body) ? parseJsonOr(body, format) : parseYaml(body);
  refusePrototypeKeys(body, value);
  return value;
}

const startsLikeJson = (body: Buffer): boolean => body[0] === 0x7b;

function parseJsonOr(body: Buffer, format: OutputFormat): unknown {
  if (format === 'json') return parseJson(body);
  checkDepth(body);
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    // Flow style, as in `{a: b}`.
    return parseYaml(body);
  }
}

function parseJson(body: Buffer): unknown {
  checkDepth(body);
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new Error(jsonErrorMessage(body.toString('utf8'), error), { cause: error });
  }
}

const quote = 0x22;
const backslash = 0x5c;

/** Counts open brackets outside strings: what JSON.parse accepts must not overflow the recursive code behind it. */
function checkDepth(body: Buffer): void {
  if (body.length <= maxDepth) return;
  let depth = 0;
  let inString = false;
  for (let i = 0; i < body.length; i++) {
    const byte = body[i]!;
    if (inString) {
      if (byte === backslash) i++;
      else if (byte === quote) inString = false;
    } else if (byte === quote) inString = true;
    else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > maxDepth) throw new Error('exceeded max depth');
    } else if (byte === 0x7d || byte === 0x5d) depth--;
  }
}

/** Once more through text: aliases become copies, and the depth is bounded like that of JSON. */
function parseYaml(body: Buffer): unknown {
  const json = yamlToJson(body.toString('utf8'), maxDepth);
  if (json === undefined) return null;
  if (json.length > maxBodyBytes) throw tooLarge();
  return parseJson(Buffer.from(json));
}

/**
 * `__proto__` is no field of any object. `constructor` may be a key of a ConfigMap, but never one with an object behind it,
 * which careless merging would take for the prototype's.
 */
export function refusePrototypeKeys(body: Buffer, value: unknown): void {
  const suspicious = body.includes('__proto__') || body.includes('constructor') || body.includes('\\u');
  if (suspicious) visit(value);
}

function visit(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) return value.forEach(visit);
  for (const key of Object.keys(value)) {
    const child = (value as Record<string, unknown>)[key];
    if (key === '__proto__' || (key === 'constructor' && typeof child === 'object')) {
      throw new Error(`the key ${JSON.stringify(key)} is not allowed`);
    }
    visit(child);
  }
}

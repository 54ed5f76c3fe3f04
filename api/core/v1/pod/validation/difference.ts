/** A short account of what differs, for messages that refuse a change; shaped like the go-cmp output upstream appends. */
import { deepEqual } from '../../../../meta/json';

/** One `-` and one `+` line for every leaf that differs. `type` names the root, as in "core.PodSpec". */
export function describeDifference(type: string, old: unknown, now: unknown): string {
  const lines: string[] = [];
  collect('', old, now, lines);
  return [`  ${type}{`, ...lines, '  }', ''].join('\n');
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const fieldName = (key: string): string => key.charAt(0).toUpperCase() + key.slice(1);

function collect(path: string, old: unknown, now: unknown, lines: string[]): void {
  if (deepEqual(old, now)) return;
  if (Array.isArray(old) && Array.isArray(now) && old.length === now.length) {
    for (const [index, item] of old.entries()) collect(`${path}[${index}]`, item, now[index], lines);
  } else if (isObject(old) && isObject(now)) {
    for (const key of [...new Set([...Object.keys(old), ...Object.keys(now)])].sort()) {
      collect(path ? `${path}.${fieldName(key)}` : fieldName(key), old[key], now[key], lines);
    }
  } else {
    if (old !== undefined) lines.push(`- \t${path}: ${JSON.stringify(old)},`);
    if (now !== undefined) lines.push(`+ \t${path}: ${JSON.stringify(now)},`);
  }
}

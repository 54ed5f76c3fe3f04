/**
 * The words for a patch that leaves a field with a value of the wrong type. Upstream tells it in two ways: JSON and merge
 * patches decode the patched object as JSON (`jsonPatcher`), strategic merge patches convert maps (`smpPatcher`).
 */
import { FieldPath, formatFieldError, invalid } from '../../api/meta/field-error';
import { StatusError } from '../../api/meta/status-error';

/** `value` is the patched object's JSON or the patch as Go prints a map. */
export function newWrongTypePatch(value: string, detail: string): StatusError {
  const error = invalid(FieldPath.of('patch'), value, detail);
  return new StatusError(422, 'Invalid', ` "" is invalid: ${formatFieldError(error)}`, {
    causes: [{ reason: error.type, message: formatFieldError(error, { withoutField: true }), field: error.field }],
  });
}

const sourceKinds: Readonly<Record<string, string>> = { object: 'map', array: 'slice', number: 'int64' };

/** What `runtime.DefaultUnstructuredConverter` says where the JSON decoder says `jsonError`. */
export function converterError(jsonError: string): string {
  const match = /^json: cannot unmarshal (\w+).* of type (\S+)$/.exec(jsonError);
  if (!match) return jsonError;
  const [, found = '', wanted = ''] = match;
  const source = sourceKinds[found] ?? found;
  if (wanted.startsWith('[]')) return `cannot restore slice from ${source}`;
  if (wanted.startsWith('map[')) return `cannot restore map from ${source}`;
  if (wanted.includes('.')) return `cannot restore struct from: ${source}`;
  if (found === 'number' && wanted === 'string') return 'cannot convert int64 to string';
  return `unrecognized type: ${wanted}`;
}

/** A JSON value as Go's `%+v` prints it: `map[spec:map[replicas:x]]`. */
export function formatGoValue(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(formatGoValue).join(' ')}]`;
  if (typeof value !== 'object') return String(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${entries.map(([key, item]) => `${key}:${formatGoValue(item)}`).join(' ')}]`;
}

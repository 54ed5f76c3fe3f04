/**
 * The way from client-side to server-side apply with kubectl: what its annotation says was applied, the manager `kubectl`
 * may take, and the annotation follows what is applied. Upstream: `internal/lastapplied{,manager,updater}.go`.
 */
import { validateAnnotations } from '../../../api/meta/object-meta';
import { FieldPath } from '../../../api/meta/field-error';
import type { KubeObject } from '../../../api/meta/types';
import { compare } from './compare';
import { difference, type FieldSet, isEmpty } from './field-set';
import { ApplyConflict } from './conflicts';
import { isObject } from './list-items';
import { toFieldSet } from './to-field-set';
import type { TypeSchema } from './type-schema';

/** The one manager that migrates; others keep out of it. */
export const kubectlManager = 'kubectl';
const annotation = 'kubectl.kubernetes.io/last-applied-configuration';

/** The conflict without what client-side apply had set itself; undefined: nothing remains of it. */
export function withoutLastApplied(
  type: TypeSchema,
  live: KubeObject,
  apiVersion: string,
  conflict: ApplyConflict,
): ApplyConflict | undefined {
  const allowed = fieldsOfLastApplied(type, live, apiVersion);
  if (!allowed) return conflict;
  const rest = conflict.conflicts
    .map(({ manager, fields }) => ({ manager, fields: difference(fields, allowed) }))
    .filter(({ fields }) => !isEmpty(fields));
  return rest.length > 0 ? new ApplyConflict(rest) : undefined;
}

/** What was applied and is still so. */
function fieldsOfLastApplied(type: TypeSchema, live: KubeObject, apiVersion: string): FieldSet | undefined {
  const text = live.metadata?.annotations?.[annotation];
  if (!text) return undefined;
  let applied: unknown;
  try {
    applied = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(applied) || applied['apiVersion'] !== apiVersion) return undefined;
  const { added, modified, removed } = compare(type, applied, live);
  return [modified, added, removed].reduce(difference, toFieldSet(type, applied));
}

/** `object` with the annotation brought up to date, if it has one; a copy where it changes. */
export function updateLastApplied<T extends KubeObject>(object: T, config: KubeObject): T {
  const annotations = object.metadata?.annotations;
  if (!annotations?.[annotation]) return object;
  const { managedFields: _managedFields, annotations: applied, ...metadata } = config.metadata ?? {};
  const { [annotation]: _annotation, ...kept } = applied ?? {};
  const text = `${JSON.stringify({ ...config, metadata: { ...metadata, ...(applied && { annotations: kept }) } })}\n`;
  const updated: Record<string, string> = { ...annotations, [annotation]: text };
  if (validateAnnotations(updated, FieldPath.of('annotations')).length > 0) delete updated[annotation];
  return { ...object, metadata: { ...object.metadata, annotations: updated } };
}

/** What every new object goes through before it is stored. Upstream: `pkg/registry/rest/{create,meta}.go`. */
import { randomUUID } from 'node:crypto';
import type { FieldError } from '../../api/meta/field-error';
import { nameIsDnsSubdomain } from '../../api/meta/names';
import { validateObjectMeta, validateQualifiedFinalizers } from '../../api/meta/object-meta';
import type { ResourceDefinition } from '../../api/meta/resource-definition';
import { newBadRequest } from '../../api/meta/status-error';
import type { KubeObject } from '../../api/meta/types';
import { formatTime } from '../../component-base/clock';
import { generateName } from './names';

/** The request's namespace is the object's; a cluster-scoped object has none. Throws BadRequest when they disagree. */
export function ensureNamespace(definition: ResourceDefinition, namespace: string, object: KubeObject): void {
  const metadata = (object.metadata ??= {});
  if (!definition.namespaced) delete metadata.namespace;
  else if (!metadata.namespace) metadata.namespace = namespace;
  else if (metadata.namespace !== namespace) {
    throw newBadRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
}

/** What Go leaves out of an object's JSON when it holds nothing. */
const leftOutWhenEmpty = ['labels', 'annotations', 'finalizers', 'ownerReferences'] as const;

/** Removes the maps and lists of the metadata that hold nothing, of custom resources too. In place. */
export function dropEmptyMetadata(metadata: NonNullable<KubeObject['metadata']>): void {
  for (const field of leftOutWhenEmpty) {
    const value = metadata[field];
    if (value && !Object.keys(value).length) delete metadata[field];
  }
}

/** True if spec changes of the object count as generations. */
export const hasGeneration = (definition: ResourceDefinition, object: KubeObject): boolean =>
  definition.generation ?? (definition.subresources?.status !== undefined && 'spec' in object);

/** Sets what the server decides and clears what clients may not set; in place, after admission. */
export function prepareCreate<T extends KubeObject>(
  definition: ResourceDefinition<T>,
  namespace: string,
  object: T,
  nowMs: number,
): void {
  ensureNamespace(definition, namespace, object);
  const metadata = object.metadata!;
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  delete metadata.selfLink;
  dropEmptyMetadata(metadata);
  metadata.creationTimestamp = formatTime(nowMs);
  metadata.uid = randomUUID();
  if (!metadata.name && metadata.generateName) metadata.name = generateName(metadata.generateName);
  if (definition.subresources?.status && !definition.keepsStatusOnCreate) {
    // Go prints the empty status of built-in kinds; custom ones have none until somebody reports it.
    if (definition.custom) delete (object as { status?: unknown }).status;
    else (object as { status?: unknown }).status = {};
  }
  if (hasGeneration(definition, object)) metadata.generation = 1;
  definition.prepareForCreate?.(object);
}

export const validateCreate = <T extends KubeObject>(definition: ResourceDefinition<T>, object: T): FieldError[] => [
  ...validateObjectMeta(object.metadata ?? {}, definition.namespaced, definition.validateName ?? nameIsDnsSubdomain),
  ...(definition.allowUnqualifiedFinalizers ? [] : validateQualifiedFinalizers(object.metadata ?? {})),
  ...(definition.validate?.(object) ?? []),
];

/** PATCH: JSON patch, merge patch and strategic merge patch. Upstream: `handlers/patch.go`. */
import { cloneJson } from '../../api/meta/json';
import { newBadRequest, newInternalError, StatusError } from '../../api/meta/status-error';
import type { KubeObject } from '../../api/meta/types';
import { applyJsonPatch } from '../patch/json-patch';
import { applyMergePatch } from '../patch/merge-patch';
import { converterError, formatGoValue, newWrongTypePatch } from '../patch/patch-type-errors';
import { applyStrategicMergePatch } from '../patch/strategic-merge';
import { type ApiRequest, namespaceOf } from './api-request';
import { parseBody, readBody } from './body';
import { matchNamespace } from './create';
import { checkSchema, type ExpectedKind } from './decode';
import { sendEntry } from './get';
import { mediaTypeOf, unsupportedMediaType } from './negotiate';
import { parseWriteOptions } from './options';
import { checkName } from './update';

/** Applies a parsed patch to a copy of `current`, which may be edited. */
type Applier = (current: KubeObject, patch: any, schema: string) => KubeObject;

const appliers: Readonly<Record<string, Applier>> = {
  'application/json-patch+json': (current, patch) => applyJsonPatch(current, patch),
  'application/merge-patch+json': (current, patch) => applyMergePatch(current, patch),
  'application/strategic-merge-patch+json': (current, patch, schema) =>
    applyStrategicMergePatch(current, patch, schema),
};

export interface ParsedPatch {
  apply(current: KubeObject, schema: string): KubeObject;
  /** The types and unknown fields of what it left. */
  check(patched: KubeObject, expected: ExpectedKind, warn: (message: string) => void): void;
}

/** Reads and parses the patch. Throws UnsupportedMediaType or BadRequest. */
export async function readPatch({ request, query }: ApiRequest): Promise<ParsedPatch> {
  const applier = appliers[mediaTypeOf(request.headers['content-type'])];
  if (!applier) throw unsupportedMediaType(Object.keys(appliers));
  const { fieldValidation } = parseWriteOptions(query, 'PatchOptions');
  const body = await readBody(request);
  let patch: unknown;
  try {
    patch = parseBody(body, 'json');
  } catch (error) {
    if (error instanceof StatusError) throw error;
    throw newBadRequest(`error decoding patch: ${(error as Error).message}`);
  }
  if (
    applier !== appliers['application/json-patch+json'] &&
    (typeof patch !== 'object' || patch === null || Array.isArray(patch))
  ) {
    const found = Array.isArray(patch) ? 'array' : typeof patch;
    throw newBadRequest(`json: cannot unmarshal ${found} into Go value of type map[string]interface {}`);
  }
  const isStrategic = applier === appliers['application/strategic-merge-patch+json'];
  return {
    check: (patched, expected, warn) =>
      checkSchema(patched, {
        expected,
        fieldValidation,
        warn,
        strict: newBadRequest,
        wrongType: (detail) =>
          isStrategic
            ? newWrongTypePatch(formatGoValue(patch), converterError(detail))
            : newWrongTypePatch(JSON.stringify(patched), detail),
      }),
    // A fresh copy of the patch each time: what it puts into one object must not be shared with the next.
    apply: (current, schema) => applier(current, cloneJson(patch), schema),
  };
}

/**
 * The store repeats `transform` with the newer object after a lost race; a patch that names a resourceVersion itself then
 * conflicts.
 */
export async function patchObject(api: ApiRequest): Promise<void> {
  const { context, store, resource } = api;
  const patch = await readPatch(api);
  const warned = new Set<string>();
  const { entry, created } = await store.update(
    context,
    namespaceOf(api),
    context.info.name,
    (current) => {
      // The store answers NotFound when nothing is there and nothing is given.
      if (!current) return undefined;
      const served = resource.toServed(current);
      const patched = patch.apply(served === current ? cloneJson(current) : served, resource.schema);
      checkPatched(api, patched, patch, (message) => {
        if (!warned.has(message)) context.warn(message);
        warned.add(message);
      });
      return resource.toStored(patched);
    },
    { subresource: context.info.subresource },
  );
  await sendEntry(api, created ? 201 : 200, entry);
}

function checkPatched(api: ApiRequest, patched: KubeObject, patch: ParsedPatch, warn: (message: string) => void): void {
  const { resource } = api;
  if (typeof patched !== 'object' || patched === null || Array.isArray(patched)) {
    throw newInternalError(`a patch must leave an object`);
  }
  if (patched.kind !== resource.kind || patched.apiVersion !== resource.apiVersion) {
    throw newBadRequest(
      `${patched.kind ?? ''} in version "${patched.apiVersion ?? ''}" cannot be handled as a ${resource.kind}: a patch cannot change the kind or version`,
    );
  }
  patch.check(patched, resource, warn);
  checkName(api, patched);
  matchNamespace(api, patched);
}

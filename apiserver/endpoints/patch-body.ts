/** Reads the patches that describe a change: JSON patch, merge patch and strategic merge patch. */
import { cloneJson } from '../../api/meta/json';
import { newBadRequest, StatusError } from '../../api/meta/status-error';
import type { KubeObject } from '../../api/meta/types';
import { applyJsonPatch } from '../patch/json-patch';
import { applyMergePatch } from '../patch/merge-patch';
import { converterError, formatGoValue, newWrongTypePatch } from '../patch/patch-type-errors';
import { applyStrategicMergePatch } from '../patch/strategic-merge';
import type { ApiRequest } from './api-request';
import { readBody } from './body';
import { parseBody } from './parse-body';
import { checkSchema, type ExpectedKind } from './decode';
import { findRepetitions, noRepetitions, type Repetitions } from './duplicate-fields';
import { mediaTypeOf, unsupportedMediaType } from './negotiate';
import { parseWriteOptions } from './options';

/** Applies a parsed patch to a copy of `current`, which may be edited. */
type Applier = (current: KubeObject, patch: any, schema: string) => KubeObject;

const jsonPatchType = 'application/json-patch+json';
const strategicType = 'application/strategic-merge-patch+json';
export const applyPatchType = 'application/apply-patch+yaml';

const appliers: Readonly<Record<string, Applier>> = {
  [jsonPatchType]: (current, patch) => applyJsonPatch(current, patch),
  'application/merge-patch+json': (current, patch) => applyMergePatch(current, patch),
  [strategicType]: (current, patch, schema) => applyStrategicMergePatch(current, patch, schema),
};

export interface ParsedPatch {
  apply(current: KubeObject, schema: string): KubeObject;
  /** The types and unknown fields of what it left. */
  check(patched: KubeObject, expected: ExpectedKind, warn: (message: string) => void): void;
}

/** Throws UnsupportedMediaType or BadRequest. */
export async function readPatch({ request, query }: ApiRequest): Promise<ParsedPatch> {
  const type = mediaTypeOf(request.headers['content-type']);
  const applier = appliers[type];
  if (!applier) throw unsupportedMediaType([...Object.keys(appliers), applyPatchType]);
  const { fieldValidation } = parseWriteOptions(query, 'PatchOptions');
  const body = await readBody(request);
  const patch = parsePatch(body);
  if (type !== jsonPatchType && (typeof patch !== 'object' || patch === null || Array.isArray(patch))) {
    const found = Array.isArray(patch) ? 'array' : typeof patch;
    throw newBadRequest(`json: cannot unmarshal ${found} into Go value of type map[string]interface {}`);
  }
  const repetitions = fieldValidation === 'Ignore' ? noRepetitions : repetitionsOf(body, patch, type);
  return {
    check(patched, expected, warn) {
      const misfit = (detail: string): StatusError =>
        newWrongTypePatch(type === strategicType ? formatGoValue(patch) : JSON.stringify(patched), detail);
      checkSchema(patched, {
        expected,
        fieldValidation,
        warn,
        repetitions,
        strict: misfit,
        wrongType: (detail) => misfit(type === strategicType ? converterError(detail) : detail),
      });
    },
    // A fresh copy of the patch each time: what it puts into one object must not be shared with the next.
    apply: (current, schema) => applier(current, cloneJson(patch), schema),
  };
}

function parsePatch(body: Buffer): unknown {
  try {
    return parseBody(body, 'json');
  } catch (error) {
    if (error instanceof StatusError) throw error;
    throw newBadRequest(`error decoding patch: ${(error as Error).message}`);
  }
}

const operationFields: ReadonlySet<string> = new Set(['op', 'path', 'from', 'value']);

/** Keys that stand twice in the patch; of a JSON patch also members that operations do not have. */
function repetitionsOf(body: Buffer, patch: unknown, type: string): Repetitions {
  const found = findRepetitions(body, 'json', patch);
  if (type !== jsonPatchType || !Array.isArray(patch)) return found;
  const unknown = patch.flatMap((operation: unknown, index) =>
    Object.keys(operation ?? {})
      .filter((field) => !operationFields.has(field))
      .map((field) => `unknown field ${JSON.stringify(`[${index}].${field}`)}`),
  );
  const texts = [...found.errors, ...unknown].map((text) => `json patch ${text}`);
  return { errors: texts, warnings: texts };
}

/** What is sent to conversion webhooks, and what must come back. Pure. Upstream: `conversion/webhook_converter.go`. */
import { FieldPath, formatFieldError } from '../../../api/meta/field-error';
import { cloneJson, deepEqual } from '../../../api/meta/json';
import { validateAnnotations, validateLabels } from '../../../api/meta/object-meta';
import type { KubeObject, ObjectMeta } from '../../../api/meta/types';
import { isJsonObject, type JsonObject } from '../schema/json-schema';

/** The webhook's answer cannot be used; the message is what follows `conversion webhook for … `. */
export class ConversionReviewError extends Error {}

const reviewGroup = 'apiextensions.k8s.io';

export interface ConversionReviewRequest {
  apiVersion: string;
  kind: 'ConversionReview';
  request: { uid: string; desiredAPIVersion: string; objects: readonly KubeObject[] };
}

/** The review in the first version that both sides know. Throws when there is none. */
export function conversionReview(
  versions: readonly string[],
  uid: string,
  desiredAPIVersion: string,
  objects: readonly KubeObject[],
): ConversionReviewRequest {
  const version = versions.find((one) => one === 'v1' || one === 'v1beta1');
  if (!version) throw new ConversionReviewError('no supported conversion review versions');
  return {
    kind: 'ConversionReview',
    apiVersion: `${reviewGroup}/${version}`,
    request: { uid, desiredAPIVersion, objects },
  };
}

/** The converted objects, with metadata other than labels and annotations as it was. Throws ConversionReviewError. */
export function readConversionReview(answer: unknown, sent: ConversionReviewRequest): KubeObject[] {
  const { request } = sent;
  const converted = convertedObjects(answer, sent);
  if (converted.length !== request.objects.length) {
    throw new ConversionReviewError(`returned ${converted.length} objects, expected ${request.objects.length}`);
  }
  return converted.map((object, index) => {
    try {
      return checkConverted(object, request.objects[index]!, request.desiredAPIVersion);
    } catch (error) {
      if (!(error instanceof ConversionReviewError)) throw error;
      throw new ConversionReviewError(`returned ${error.message.replace('@', `at index ${index}`)}`);
    }
  });
}

function convertedObjects(answer: unknown, sent: ConversionReviewRequest): unknown[] {
  const fail = (why: string): never => {
    throw new ConversionReviewError(`failed: ${why}`);
  };
  const review = isJsonObject(answer) ? answer : {};
  const [group = '', version = ''] = String(review.apiVersion ?? '').split('/');
  const strict = sent.apiVersion === `${reviewGroup}/v1`;
  if (strict && (review.apiVersion !== sent.apiVersion || review.kind !== 'ConversionReview')) {
    fail(
      `expected webhook response of ${reviewGroup}/v1, Kind=ConversionReview, got ${group}/${version}, Kind=${String(review.kind ?? '')}`,
    );
  }
  const { response } = review;
  if (!isJsonObject(response)) return fail('no response provided');
  if (strict && response.uid !== sent.request.uid) {
    fail(`expected response.uid=${JSON.stringify(sent.request.uid)}, got ${JSON.stringify(response.uid ?? '')}`);
  }
  const result = isJsonObject(response.result) ? response.result : {};
  if (result.status !== 'Success') {
    const said = typeof result.message === 'string' && result.message;
    fail(said || `response.result.status was '${String(result.status ?? '')}', not 'Success'`);
  }
  return Array.isArray(response.convertedObjects) ? response.convertedObjects : [];
}

/** `@` stands for the index. */
function checkConverted(converted: unknown, original: KubeObject, apiVersion: string): KubeObject {
  const fail = (why: string): never => {
    throw new ConversionReviewError(why);
  };
  if (!isJsonObject(converted)) return fail('invalid converted object @: must be an object');
  const invalid = (why: string): never => fail(`invalid converted object @: ${why}`);
  if (converted.apiVersion !== apiVersion) {
    invalid(`invalid groupVersion (expected ${apiVersion}, received ${String(converted.apiVersion ?? '')})`);
  }
  if (converted.kind !== original.kind) {
    invalid(`invalid kind (expected ${original.kind}, received ${String(converted.kind ?? '')})`);
  }
  const { metadata } = converted;
  if (metadata === undefined) return fail('invalid metadata in object @: missing metadata in converted object');
  if (!isJsonObject(metadata)) {
    return fail('invalid metadata in object @: invalid metadata in converted object');
  }
  for (const [field, name] of [
    ['name', 'name'],
    ['namespace', 'namespace'],
    ['uid', 'UID'],
  ] as const) {
    const was = original.metadata?.[field] ?? '';
    const is = (metadata[field] as string | undefined) ?? '';
    if (was !== is) invalid(`must have the same ${name}: ${was} != ${is}`);
  }
  return { ...converted, metadata: restoreMetadata(metadata, original.metadata ?? {}) };
}

/** Labels and annotations are the webhook's, everything else stays. */
function restoreMetadata(converted: JsonObject, original: ObjectMeta): ObjectMeta {
  const metadata = cloneJson(original);
  for (const field of ['labels', 'annotations'] as const) {
    const values = converted[field];
    if (values === undefined || values === null) {
      delete metadata[field];
      continue;
    }
    const odd = isJsonObject(values) && Object.entries(values).find(([, value]) => typeof value !== 'string');
    if (!isJsonObject(values) || odd) {
      const what = odd ? `metadata.${field}[${odd[0]}] must be a string` : `invalid metadata.${field}`;
      throw new ConversionReviewError(`invalid metadata in object @: ${what} in converted object`);
    }
    const strings = values as Record<string, string>;
    const path = FieldPath.of('metadata', field);
    const check = field === 'labels' ? validateLabels : validateAnnotations;
    const errors = deepEqual(strings, original[field]) ? [] : check(strings, path);
    if (errors.length) {
      const texts = errors.map((error) => formatFieldError(error)).join(', ');
      throw new ConversionReviewError(`invalid metadata in object @: ${texts}`);
    }
    metadata[field] = strings;
  }
  return metadata;
}

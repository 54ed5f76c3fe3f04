/**
 * apiVersion, kind and metadata, of custom resources and of objects embedded in them (`x-kubernetes-embedded-resource`):
 * their types, unknown fields and values. Upstream: apiextensions-apiserver `schema/objectmeta`.
 */
import { type FieldError, FieldPath, invalid, required } from '../../../api/meta/field-error';
import { isDns1035Label, nameIsPathSegment } from '../../../api/meta/names';
import { validateObjectMeta } from '../../../api/meta/object-meta';
import type { BodyCheck } from '../../../api/meta/resource-definition';
import type { ObjectMeta } from '../../../api/meta/types';
import { checkObject } from '../../../api/schema/walk';
import { isJsonObject, type JsonObject, type JsonSchema, memberOf } from './json-schema';
import { childPath, indexPath, memberPath } from './value-path';

const objectMetaName = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

/** Checks and prunes the metadata of the object itself and of all embedded ones, in place. */
export function checkMetadata(object: JsonObject, schema: JsonSchema | undefined): BodyCheck {
  const result: BodyCheck = { typeErrors: [], unknownFields: [] };
  check(object, { ...schema, 'x-kubernetes-embedded-resource': true }, '', result);
  return result;
}

function check(value: unknown, schema: JsonSchema | undefined, path: string, result: BodyCheck): void {
  if (!schema) return;
  if (Array.isArray(value)) {
    value.forEach((item, index) => check(item, schema.items, indexPath(path, index), result));
  } else if (isJsonObject(value)) {
    if (schema['x-kubernetes-embedded-resource']) checkEmbedded(value, path, result);
    for (const [name, member] of Object.entries(value)) {
      check(member, memberOf(schema, name), memberPath(schema, path, name), result);
    }
  }
}

function checkEmbedded(object: JsonObject, path: string, result: BodyCheck): void {
  for (const name of ['apiVersion', 'kind']) {
    if (!Object.hasOwn(object, name) || typeof object[name] === 'string') continue;
    const value = JSON.stringify(object[name]);
    result.typeErrors.push(`${childPath(path, name)}: Invalid value: ${value}: must be a string`);
  }
  if (!Object.hasOwn(object, 'metadata')) return;
  if (object.metadata === null) {
    delete object.metadata;
    return;
  }
  const { typeErrors, unknownFields } = checkObject(objectMetaName, object.metadata);
  result.typeErrors.push(...typeErrors);
  result.unknownFields.push(...unknownFields.map((field) => childPath(path, `metadata.${field}`)));
}

/** The values of embedded objects' metadata. Those of the object itself are checked by generic code. */
export function validateEmbedded(value: unknown, schema: JsonSchema | undefined, path = ''): FieldError[] {
  if (!schema) return [];
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => validateEmbedded(item, schema.items, indexPath(path, index)));
  }
  if (!isJsonObject(value)) return [];
  return [
    ...(schema['x-kubernetes-embedded-resource'] ? validateEmbeddedObject(value, path) : []),
    ...Object.entries(value).flatMap(([name, member]) =>
      validateEmbedded(member, memberOf(schema, name), memberPath(schema, path, name)),
    ),
  ];
}

function validateEmbeddedObject({ apiVersion, kind, metadata }: JsonObject, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const versionPath = childPath(path, 'apiVersion');
  const kindPath = childPath(path, 'kind');
  if (apiVersion === undefined || apiVersion === '') errors.push(required(versionPath));
  else if (typeof apiVersion !== 'string') errors.push(invalid(versionPath, apiVersion, 'must be a string'));
  else if (apiVersion.split('/').length > 2) {
    errors.push(invalid(versionPath, apiVersion, `unexpected GroupVersion string: ${apiVersion}`));
  }
  if (kind === undefined || kind === '') errors.push(required(kindPath));
  else if (typeof kind !== 'string') errors.push(invalid(kindPath, kind, 'must be a string'));
  else {
    const problems = isDns1035Label(kind.toLowerCase());
    const detail = `may have mixed case, but should otherwise match: ${problems.join(',')}`;
    if (problems.length) errors.push(invalid(kindPath, kind, detail));
  }
  if (isJsonObject(metadata)) {
    // An embedded template may have no name.
    const meta = { ...metadata, name: metadata.name || 'fakename' } as ObjectMeta;
    const metadataPath = FieldPath.of(childPath(path, 'metadata'));
    errors.push(...validateObjectMeta(meta, Boolean(meta.namespace), nameIsPathSegment, metadataPath));
  }
  return errors;
}

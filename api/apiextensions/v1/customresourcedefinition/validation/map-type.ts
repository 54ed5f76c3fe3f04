/** `x-kubernetes-map-type` and `x-kubernetes-preserve-unknown-fields`. */
import { type FieldError, type FieldPath, invalid, notSupported, required } from '../../../../meta/field-error';
import type { JsonSchemaProps } from '../types';

export function validateMapType(schema: JsonSchemaProps, path: FieldPath): FieldError[] {
  const mapType = schema['x-kubernetes-map-type'];
  if (mapType === undefined) return [];
  const errors = typeErrors(schema, 'object', 'x-kubernetes-map-type', path);
  const known = ['atomic', 'granular'];
  return known.includes(mapType)
    ? errors
    : [...errors, notSupported(path.child('x-kubernetes-map-type'), mapType, known)];
}

/** The type that `extension` can only be specified with. */
export function typeErrors(
  { type }: JsonSchemaProps,
  wanted: string,
  extension: string,
  path: FieldPath,
): FieldError[] {
  if (type === wanted) return [];
  const detail = `must be ${wanted} if ${extension} is specified`;
  return [type ? invalid(path.child('type'), type, detail) : required(path.child('type'), detail)];
}

export function validatePreserve(schema: JsonSchemaProps, path: FieldPath): FieldError[] {
  const field = 'x-kubernetes-preserve-unknown-fields';
  return schema[field] === false ? [invalid(path.child(field), false, 'must be true or undefined')] : [];
}

/**
 * What is asked of the schemas of a CustomResourceDefinition beyond their structure, by the engines that will use them: patterns
 * must parse, rules must compile, and defaults must be valid. Upstream: apiextensions-apiserver `validation/validation.go` and
 * `schema/defaulting/validation.go`.
 */
import { isDeepStrictEqual } from 'node:util';
import type { CustomResourceDefinition } from '../../api/apiextensions/v1/customresourcedefinition';
import { type FieldError, FieldPath, invalid } from '../../api/meta/field-error';
import { cloneJson } from '../../api/meta/json';
import { regexProblem } from '../cel';
import { checkRules } from './rules/check-rules';
import { compileRules } from './rules/compile-rules';
import { applyDefaults } from './schema/defaults';
import { additionalOf, isJsonObject, type JsonSchema } from './schema/json-schema';
import { validateListTypes } from './schema/list-types';
import { pruneUnknownFields } from './schema/prune';
import { validateValue, type ValidationContext } from './schema/validate';
import { schemaOf } from './served-versions';

/** Schemas that were there before may stay as they are. */
export function checkSchemas(
  context: ValidationContext,
  crd: CustomResourceDefinition,
  old?: CustomResourceDefinition,
): FieldError[] {
  const known = (old?.spec.versions ?? []).map(schemaOf);
  const schemas = crd.spec.versions.map(schemaOf);
  // One schema for all versions is spoken of as upstream's internal type has it: once, at the top.
  const isShared = schemas.every((schema) => isDeepStrictEqual(schema, schemas[0]));
  return schemas.flatMap((schema, index) => {
    if (!schema || (isShared && index > 0) || known.some((one) => isDeepStrictEqual(one, schema))) return [];
    const path = isShared
      ? FieldPath.of('spec', 'validation')
      : FieldPath.of('spec', 'versions').index(index).child('schema');
    const root = path.child('openAPIV3Schema');
    const node = compileRules(schema);
    return [...checkNode(context, schema, root), ...(node ? checkRules(node, root) : [])];
  });
}

/** The schemas directly below one, with their paths. */
function childrenOf(schema: JsonSchema, path: FieldPath): [JsonSchema, FieldPath][] {
  const { items, not } = schema;
  const additional = additionalOf(schema);
  const listed = (['allOf', 'anyOf', 'oneOf'] as const).flatMap((name) =>
    (schema[name] ?? []).map((one, index): [JsonSchema, FieldPath] => [one, path.child(name).index(index)]),
  );
  return [
    ...Object.entries(schema.properties ?? {}).map(([name, property]): [JsonSchema, FieldPath] => [
      property,
      path.child('properties').key(name),
    ]),
    ...(items ? [[items, path.child('items')] as [JsonSchema, FieldPath]] : []),
    ...(additional ? [[additional, path.child('additionalProperties')] as [JsonSchema, FieldPath]] : []),
    ...listed,
    ...(not ? [[not, path.child('not')] as [JsonSchema, FieldPath]] : []),
  ];
}

function checkNode(context: ValidationContext, schema: JsonSchema, path: FieldPath): FieldError[] {
  const problem = schema.pattern === undefined ? undefined : regexProblem(schema.pattern);
  if (problem !== undefined) {
    return [
      invalid(path.child('pattern'), schema.pattern, `must be a valid regular expression, but isn't: ${problem}`),
    ];
  }
  const below = childrenOf(schema, path).flatMap(([child, childPath]) => checkNode(context, child, childPath));
  // A value cannot be checked against a schema that is wrong itself.
  return below.length || schema.default === undefined ? below : checkDefault(context, schema, path.child('default'));
}

function checkDefault(context: ValidationContext, schema: JsonSchema, path: FieldPath): FieldError[] {
  const value = schema.default;
  const pruned = cloneJson(value);
  // apiVersion, kind and metadata are only known to embedded objects.
  const dropped = isJsonObject(pruned)
    ? pruneUnknownFields({ root: pruned }, { type: 'object', properties: { root: schema } })
    : [];
  if (dropped.length) return [invalid(path, value, 'must not have unknown fields')];
  // What stands in it is filled in by defaults further down.
  applyDefaults(pruned, schema);
  const errors = [...validateValue(context, pruned, schema), ...validateListTypes(pruned, schema)];
  return errors.map((error) => ({
    ...error,
    field: error.field === '<nil>' || !error.field ? String(path) : `${String(path)}.${error.field}`,
  }));
}

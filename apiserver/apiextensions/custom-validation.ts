/** What is asked of a custom resource, in upstream's order. Upstream: apiextensions-apiserver `registry/customresource`. */
import { type FieldError, type FieldErrorType, invalid } from '../../api/meta/field-error';
import type { KubeObject } from '../../api/meta/types';
import type { RuleValidator } from './rules';
import { isJsonObject, type JsonSchema, own } from './schema/json-schema';
import { validateEmbedded } from './schema/embedded-meta';
import { validateListTypes } from './schema/list-types';
import { validateValue, type ValidationContext } from './schema/validate';
import { oldMember } from './schema/correlation';

export interface ScalePaths {
  specReplicasPath: string;
  statusReplicasPath: string;
  labelSelectorPath?: string;
}

export interface CustomValidation {
  validate(object: KubeObject): FieldError[];
  validateUpdate(object: KubeObject, old: KubeObject): FieldError[];
  validateStatusUpdate(object: KubeObject, old: KubeObject): FieldError[];
}

/** `schema` is structural; a version without one accepts everything. `rules` checks `x-kubernetes-validations`. */
export function createCustomValidation(
  context: ValidationContext,
  schema: JsonSchema | undefined,
  scale: ScalePaths | undefined,
  rules: RuleValidator,
): CustomValidation {
  if (!schema) {
    const validate = (object: KubeObject): FieldError[] => [...specScale(object, scale), ...statusScale(object, scale)];
    return { validate, validateUpdate: validate, validateStatusUpdate: (object) => statusScale(object, scale) };
  }

  const withRules = (errors: FieldError[], object: KubeObject, old?: KubeObject): FieldError[] => {
    if (!rules.hasRules) return errors;
    if (errors.some(({ type }) => blocksRules.has(type))) return [...errors, notChecked];
    return [...errors, ...rules.validate(object, old)];
  };
  const listErrors = (object: KubeObject, old?: KubeObject): FieldError[] => {
    const errors = validateListTypes(object, schema);
    return errors.length && old && validateListTypes(old, schema).length ? [] : errors;
  };

  return {
    validate: (object) =>
      withRules(
        [
          ...validateValue(context, object, schema),
          ...specScale(object, scale),
          ...statusScale(object, scale),
          ...validateEmbedded(object, schema),
          ...listErrors(object),
        ],
        object,
      ),
    validateUpdate: (object, old) =>
      withRules(
        [
          ...validateValue(context, object, schema, '', { value: old }),
          ...specScale(object, scale),
          ...statusScale(object, scale),
          ...validateEmbedded(object, schema),
          ...listErrors(object, old),
        ],
        object,
        old,
      ),
    validateStatusUpdate: (object, old) =>
      withRules(
        [...validateStatus(context, schema, object, old), ...statusScale(object, scale), ...listErrors(object, old)],
        object,
        old,
      ),
  };
}

/** With these the rules could see values of types they do not expect. */
const blocksRules: ReadonlySet<FieldErrorType> = new Set<FieldErrorType>([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);

const notChecked = invalid(
  '<nil>',
  null,
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
);

function validateStatus(
  context: ValidationContext,
  schema: JsonSchema,
  object: KubeObject,
  old: KubeObject,
): FieldError[] {
  const statusSchema = own(schema.properties, 'status');
  const { status } = object as { status?: unknown };
  if (!statusSchema || status === undefined) return [];
  return validateValue(context, status, statusSchema, 'status', oldMember(schema, { value: old }, 'status'));
}

const maxInt32 = 2 ** 31 - 1;

function replicasErrors(object: KubeObject, jsonPath: string): FieldError[] {
  const value = valueAt(object, jsonPath);
  if (value === undefined) return [];
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    const field = jsonPath.replace(/^\./, '').split('.').join('.');
    return [
      invalid(
        jsonPath,
        0,
        `.${field} accessor error: ${goValue(value)} is of the type ${goType(value)}, expected int64`,
      ),
    ];
  }
  if (value < 0) return [invalid(jsonPath, value, 'should be a non-negative integer')];
  return value > maxInt32 ? [invalid(jsonPath, value, `should be less than or equal to ${maxInt32}`)] : [];
}

const specScale = (object: KubeObject, scale: ScalePaths | undefined): FieldError[] =>
  scale ? replicasErrors(object, scale.specReplicasPath) : [];

function statusScale(object: KubeObject, scale: ScalePaths | undefined): FieldError[] {
  if (!scale) return [];
  const errors = replicasErrors(object, scale.statusReplicasPath);
  const { labelSelectorPath } = scale;
  const selector = labelSelectorPath === undefined ? undefined : valueAt(object, labelSelectorPath);
  if (selector === undefined || typeof selector === 'string') return errors;
  const detail = `${labelSelectorPath} accessor error: ${goValue(selector)} is of the type ${goType(selector)}, expected string`;
  return [...errors, invalid(labelSelectorPath!, '', detail)];
}

/** Undefined where a part of the path is missing. */
const valueAt = (object: KubeObject, jsonPath: string): unknown =>
  jsonPath
    .replace(/^\./, '')
    .split('.')
    .reduce<unknown>((value, name) => (isJsonObject(value) ? own(value, name) : undefined), object);

const goValue = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));

function goType(value: unknown): string {
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'object') return 'map[string]interface {}';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'number' ? 'float64' : 'string';
}

/** Validation rules (`x-kubernetes-validations`) of a schema, compiled when they are first needed. */
import type { FieldError } from '../../../api/meta/field-error';
import type { KubeObject } from '../../../api/meta/types';

export interface RuleValidator {
  readonly hasRules: boolean;
  /** `old` is there on updates: transition rules compare with it. */
  validate(object: KubeObject, old?: KubeObject): FieldError[];
}

export const noRules: RuleValidator = { hasRules: false, validate: () => [] };

/** Checks of MutatingAdmissionPolicies and their bindings. Upstream: `pkg/apis/admissionregistration/validation`. */
import { at, oneOf } from '../../meta/field-checks';
import { type FieldError, type FieldPath, invalid, required } from '../../meta/field-error';
import { reinvocationPolicies } from './match-validation';
import { validateBindingSpec, validatePolicySpec } from './policy-validation';
import type { MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding, Mutation } from './types';

/** The field that each type of patch has its expression in. */
const patchFields = { ApplyConfiguration: 'applyConfiguration', JSONPatch: 'jsonPatch' } as const;

function validateMutation(mutation: Mutation, path: FieldPath): FieldError[] {
  const errors = oneOf(path.child('patchType'), mutation.patchType, Object.keys(patchFields));
  if (errors.length) return errors;
  for (const [patchType, field] of Object.entries(patchFields)) {
    const patch = mutation[field];
    const when = `when patchType is ${mutation.patchType}`;
    if (patchType !== mutation.patchType) {
      if (patch) errors.push(invalid(path.child(field), patch, `must not be specified ${when}`));
    } else if (!patch) errors.push(required(path.child(field), `must be specified ${when}`));
    else if (!patch.expression?.trim()) {
      errors.push(required(path.child(field, 'expression'), 'expression is not specified'));
    }
  }
  return errors;
}

export function validatePolicy({ spec = {} }: MutatingAdmissionPolicy): FieldError[] {
  const path = at('spec');
  const errors = validatePolicySpec(spec, path);
  const mutations = spec.mutations ?? [];
  if (mutations.length === 0) {
    errors.push(required(path.child('mutations'), 'mutations must contain at least one item'));
  }
  for (const [index, mutation] of mutations.entries()) {
    errors.push(...validateMutation(mutation, path.child('mutations').index(index)));
  }
  return [...errors, ...oneOf(path.child('reinvocationPolicy'), spec.reinvocationPolicy, reinvocationPolicies)];
}

export const validateBinding = ({ spec = {} }: MutatingAdmissionPolicyBinding): FieldError[] =>
  validateBindingSpec(spec, at('spec'));

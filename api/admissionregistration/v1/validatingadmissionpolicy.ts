/** ValidatingAdmissionPolicy and its Binding: requests are checked by expressions inside the API server. */
import { ageColumn, nameColumn } from '../../meta/columns';
import { defineResource } from '../../meta/resource-definition';
import { setMatchDefaults } from './defaults';
import { bindingColumns, paramKindColumn } from './policy-columns';
import { validateBinding, validatePolicy, validatePolicyStatus } from './validating-validation';
import type { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from './types';

const shared = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  scope: 'Cluster',
  generation: true,
  allowUnconditionalUpdate: false,
} as const;

export const validatingAdmissionPolicies = defineResource<ValidatingAdmissionPolicy>({
  ...shared,
  kind: 'ValidatingAdmissionPolicy',
  names: {
    plural: 'validatingadmissionpolicies',
    singular: 'validatingadmissionpolicy',
    categories: ['api-extensions'],
  },
  defaults({ spec }) {
    if (!spec) return;
    spec.failurePolicy ??= 'Fail';
    setMatchDefaults(spec.matchConstraints);
  },
  validate: validatePolicy,
  subresources: { status: { validateUpdate: validatePolicyStatus } },
  columns: [
    nameColumn,
    {
      name: 'Validations',
      type: 'integer',
      description: 'Validations indicates the number of validation rules defined in this configuration',
      value: ({ spec }) => spec?.validations?.length ?? 0,
    },
    paramKindColumn(),
    ageColumn,
  ],
});

export const validatingAdmissionPolicyBindings = defineResource<ValidatingAdmissionPolicyBinding>({
  ...shared,
  kind: 'ValidatingAdmissionPolicyBinding',
  names: {
    plural: 'validatingadmissionpolicybindings',
    singular: 'validatingadmissionpolicybinding',
    categories: ['api-extensions'],
  },
  defaults: ({ spec }) => setMatchDefaults(spec?.matchResources),
  validate: validateBinding,
  columns: bindingColumns,
});

/** ValidatingAdmissionPolicy and its Binding: requests are checked by expressions inside the API server. */
import { ageColumn, nameColumn } from '../../meta/columns';
import { defineResource } from '../../meta/resource-definition';
import { configurationKind } from './configuration';
import { setMatchDefaults, setPolicyDefaults } from './defaults';
import { bindingColumns, paramKindColumn } from './policy-columns';
import { validateBinding, validatePolicy, validatePolicyStatus } from './validating-validation';
import type { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from './types';

export const validatingAdmissionPolicies = defineResource<ValidatingAdmissionPolicy>({
  ...configurationKind,
  kind: 'ValidatingAdmissionPolicy',
  names: {
    plural: 'validatingadmissionpolicies',
    singular: 'validatingadmissionpolicy',
    categories: ['api-extensions'],
  },
  defaults: ({ spec }) => setPolicyDefaults(spec),
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
  ...configurationKind,
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

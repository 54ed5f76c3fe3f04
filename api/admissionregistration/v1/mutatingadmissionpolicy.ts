/** MutatingAdmissionPolicy and its Binding: requests are changed by expressions inside the API server. */
import { ageColumn, nameColumn } from '../../meta/columns';
import { defineResource } from '../../meta/resource-definition';
import { configurationKind } from './configuration';
import { setMatchDefaults, setPolicyDefaults } from './defaults';
import { validateBinding, validatePolicy } from './mutating-validation';
import { bindingColumns, paramKindColumn } from './policy-columns';
import type { MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding } from './types';

export const mutatingAdmissionPolicies = defineResource<MutatingAdmissionPolicy>({
  ...configurationKind,
  kind: 'MutatingAdmissionPolicy',
  names: {
    plural: 'mutatingadmissionpolicies',
    singular: 'mutatingadmissionpolicy',
    categories: ['api-extensions'],
  },
  defaults: ({ spec }) => setPolicyDefaults(spec),
  validate: validatePolicy,
  columns: [
    nameColumn,
    {
      name: 'Mutations',
      type: 'integer',
      description: 'Mutation indicates the number of mutations rules defined in this configuration',
      value: ({ spec }) => spec?.mutations?.length ?? 0,
    },
    paramKindColumn(),
    ageColumn,
  ],
});

export const mutatingAdmissionPolicyBindings = defineResource<MutatingAdmissionPolicyBinding>({
  ...configurationKind,
  kind: 'MutatingAdmissionPolicyBinding',
  names: {
    plural: 'mutatingadmissionpolicybindings',
    singular: 'mutatingadmissionpolicybinding',
    categories: ['api-extensions'],
  },
  defaults: ({ spec }) => setMatchDefaults(spec?.matchResources),
  validate: validateBinding,
  columns: bindingColumns,
});

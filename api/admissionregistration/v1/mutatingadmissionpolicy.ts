/** MutatingAdmissionPolicy and its Binding: requests are changed by expressions inside the API server. */
import { ageColumn, nameColumn } from '../../meta/columns';
import { defineResource } from '../../meta/resource-definition';
import { setMatchDefaults } from './defaults';
import { validateBinding, validatePolicy } from './mutating-validation';
import { bindingColumns, paramKindColumn } from './policy-columns';
import type { MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding } from './types';

const shared = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  scope: 'Cluster',
  generation: true,
  allowUnconditionalUpdate: false,
} as const;

export const mutatingAdmissionPolicies = defineResource<MutatingAdmissionPolicy>({
  ...shared,
  kind: 'MutatingAdmissionPolicy',
  names: {
    plural: 'mutatingadmissionpolicies',
    singular: 'mutatingadmissionpolicy',
    categories: ['api-extensions'],
  },
  defaults({ spec }) {
    if (!spec) return;
    spec.failurePolicy ??= 'Fail';
    setMatchDefaults(spec.matchConstraints);
  },
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
  ...shared,
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

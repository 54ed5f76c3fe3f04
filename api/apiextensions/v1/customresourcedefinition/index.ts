/** CustomResourceDefinition: a kind that the API server learns at run time. */
import { defineResource } from '../../../meta/resource-definition';
import { setDefaults } from './defaults';
import { recordStorageVersion } from './stored-versions';
import { validateDefinition, validateDefinitionStatus, validateDefinitionUpdate } from './validation';
import { definitionWarnings } from './warnings';
import type { CustomResourceDefinition } from './types';

export type * from './types';

export const customResourceDefinitions = defineResource<CustomResourceDefinition>({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  names: {
    plural: 'customresourcedefinitions',
    singular: 'customresourcedefinition',
    shortNames: ['crd', 'crds'],
    categories: ['api-extensions'],
  },
  scope: 'Cluster',
  defaults: setDefaults,
  prepareForCreate: recordStorageVersion,
  prepareForUpdate: recordStorageVersion,
  validate: validateDefinition,
  validateUpdate: validateDefinitionUpdate,
  warnings: definitionWarnings,
  generation: true,
  allowUnqualifiedFinalizers: true,
  emptyCounts: true,
  allowUnconditionalUpdate: false,
  subresources: { status: { validateUpdate: validateDefinitionStatus } },
});

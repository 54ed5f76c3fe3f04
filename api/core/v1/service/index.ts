/** Service: the definition, and the door to its types and pure logic. */
import { nameIsDns1035Label } from '../../../meta/names';
import { defineResource } from '../../../meta/resource-definition';
import { serviceColumns } from './columns';
import { prepareServiceForCreate, prepareServiceForUpdate, setServiceDefaults } from './hooks';
import type { Service } from './types';
import { validateService, validateServiceUpdate } from './validation';
import { validateServiceStatusUpdate } from './validation-status';
import { serviceWarnings } from './warnings';

export * from './facts';
export type * from './types';

export const services = defineResource<Service>({
  group: '',
  version: 'v1',
  kind: 'Service',
  names: { plural: 'services', singular: 'service', shortNames: ['svc'], categories: ['all'] },
  scope: 'Namespaced',
  returnDeletedObject: true,
  defaults: setServiceDefaults,
  validateName: nameIsDns1035Label,
  prepareForCreate: prepareServiceForCreate,
  prepareForUpdate: prepareServiceForUpdate,
  validate: validateService,
  validateUpdate: validateServiceUpdate,
  warnings: serviceWarnings,
  // Upstream does not bump the generation of Services.
  generation: false,
  allowCreateOnUpdate: true,
  selectableFields: {
    'spec.clusterIP': ({ spec }) => spec?.clusterIP ?? '',
    'spec.type': ({ spec }) => spec?.type ?? '',
  },
  columns: serviceColumns,
  subresources: {
    status: { validateUpdate: validateServiceStatusUpdate },
    connect: {
      proxy: { verbs: ['create', 'delete', 'get', 'patch', 'update'], kind: 'ServiceProxyOptions', passesOn: true },
    },
  },
});

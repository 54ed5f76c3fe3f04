/** Pod: the definition, and the door to its types and pure logic. */
import { defineResource } from '../../../meta/resource-definition';
import { podColumns } from './columns';
import { setPodDefaults } from './defaults';
import {
  ephemeralContainersHooks,
  podGracePeriodSeconds,
  podStatusHooks,
  preparePodForCreate,
  resizeHooks,
} from './hooks';
import { podSelectableFields } from './selectable-fields';
import type { Pod } from './types';
import { podWarnings } from './warnings';
import { validatePod, validatePodUpdate } from './validation/pod';

export * from './conditions';
export * from './containers';
export * from './effective-resources';
export { findPort } from './ports';
export { qosClassOf, type QosClass } from './qos';
export * from './resources';
export * from './restart-policy';
export type * from './types';

export const pods = defineResource<Pod>({
  group: '',
  version: 'v1',
  kind: 'Pod',
  names: { plural: 'pods', singular: 'pod', shortNames: ['po'], categories: ['all'] },
  scope: 'Namespaced',
  returnDeletedObject: true,
  defaults: setPodDefaults,
  prepareForCreate: preparePodForCreate,
  validate: validatePod,
  validateUpdate: validatePodUpdate,
  warnings: podWarnings,
  gracePeriodSeconds: podGracePeriodSeconds,
  selectableFields: podSelectableFields,
  columns: podColumns,
  subresources: {
    status: podStatusHooks,
    update: { ephemeralcontainers: ephemeralContainersHooks, resize: resizeHooks },
    connect: {
      attach: { verbs: ['create', 'get'], kind: 'PodAttachOptions' },
      binding: { verbs: ['create'], kind: 'Binding' },
      eviction: { verbs: ['create'], group: 'policy', version: 'v1', kind: 'Eviction' },
      exec: { verbs: ['create', 'get'], kind: 'PodExecOptions' },
      log: { verbs: ['get'], kind: 'Pod' },
      portforward: { verbs: ['create', 'get'], kind: 'PodPortForwardOptions' },
      proxy: { verbs: ['create', 'delete', 'get', 'patch', 'update'], kind: 'PodProxyOptions', passesOn: true },
    },
  },
});

/** ControllerRevision: a past state of a DaemonSet or StatefulSet, never changed. */
import type { V1ControllerRevision } from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { ageColumn, nameColumn, textColumn } from '../../meta/columns';
import { getControllerOf } from '../../meta/controller-ref';
import { at, nonNegative, unchanged } from '../../meta/field-checks';
import { type FieldError, required } from '../../meta/field-error';
import { defineResource } from '../../meta/resource-definition';
import type { Wire } from '../../meta/types';

export interface ControllerRevision extends Wire<V1ControllerRevision> {}

const data = at('data');

function validateData(value: unknown): FieldError[] {
  if (value === undefined || value === null) return [required(data, 'data is mandatory')];
  const isObject = typeof value === 'object' && !Array.isArray(value);
  return isObject ? [] : [required(data, 'data must be a valid JSON object')];
}

const validateRevision = ({ revision }: ControllerRevision): FieldError[] => nonNegative(at('revision'), revision);

/** `statefulset.apps/web` */
function formatController(object: ControllerRevision): string {
  const controller = getControllerOf(object);
  if (!controller) return '<none>';
  const [group] = controller.apiVersion.includes('/') ? controller.apiVersion.split('/') : [''];
  return `${controller.kind}${group ? `.${group}` : ''}`.toLowerCase() + `/${controller.name}`;
}

export const controllerRevisions = defineResource<ControllerRevision>({
  group: 'apps',
  version: 'v1',
  kind: 'ControllerRevision',
  names: { plural: 'controllerrevisions', singular: 'controllerrevision' },
  scope: 'Namespaced',
  validate: (object) => [...validateRevision(object), ...validateData(object.data)],
  validateUpdate: (object, old) => [...validateRevision(object), ...unchanged(data, object.data, old.data)],
  columns: [
    nameColumn,
    textColumn('Controller', 'Controller of the object', formatController),
    {
      name: 'Revision',
      type: 'string',
      description: 'Revision indicates the revision of the state represented by Data.',
      value: ({ revision }) => revision ?? 0,
    },
    ageColumn,
  ],
});

/** HorizontalPodAutoscaler: stored as autoscaling/v2, served as autoscaling/v1 too. */
import type { KubeObject } from '../../../meta/types';
import { defineResource } from '../../../meta/resource-definition';
import { fromAutoscalingV1, type HorizontalPodAutoscalerV1, toAutoscalingV1 } from '../../v1/conversion';
import { autoscalerColumns } from './columns';
import { setAutoscalerDefaults } from './defaults';
import type { HorizontalPodAutoscaler } from './types';
import { validateAutoscaler, validateAutoscalerStatusUpdate, validateAutoscalerUpdate } from './validation';

export type * from './types';

export const horizontalPodAutoscalers = defineResource<HorizontalPodAutoscaler>({
  group: 'autoscaling',
  version: 'v2',
  kind: 'HorizontalPodAutoscaler',
  names: {
    plural: 'horizontalpodautoscalers',
    singular: 'horizontalpodautoscaler',
    shortNames: ['hpa'],
    categories: ['all'],
  },
  scope: 'Namespaced',
  generation: false,
  defaults: setAutoscalerDefaults,
  prepareForCreate(autoscaler) {
    autoscaler.status = { desiredReplicas: 0 };
  },
  validate: validateAutoscaler,
  validateUpdate: validateAutoscalerUpdate,
  columns: autoscalerColumns,
  subresources: { status: { validateUpdate: validateAutoscalerStatusUpdate } },
  servedVersions: [
    {
      group: 'autoscaling',
      version: 'v1',
      schema: 'io.k8s.api.autoscaling.v1.HorizontalPodAutoscaler',
      encode: toAutoscalingV1,
      decode: (object: KubeObject) => fromAutoscalingV1(object as HorizontalPodAutoscalerV1),
      columns: autoscalerColumns.map((column) => ({
        ...column,
        value: (object: KubeObject, now: number) =>
          column.value(fromAutoscalingV1(object as HorizontalPodAutoscalerV1), now),
      })),
    },
  ],
});

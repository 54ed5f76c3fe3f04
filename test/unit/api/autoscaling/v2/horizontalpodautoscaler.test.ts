import { horizontalPodAutoscalers } from '../../../../../api/autoscaling/v2/horizontalpodautoscaler';
import { cellsOf, created, createErrors, statusErrors, updateErrors } from '../../../../support/kinds';

const make = (spec: object = {}) => ({
  spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, maxReplicas: 5, ...spec },
});
const metric = (type: string, source: object, field = type.charAt(0).toLowerCase() + type.slice(1)) =>
  make({ metrics: [{ type, [field]: source }] });

it('has upstream defaults', () => {
  expect(created(horizontalPodAutoscalers, make()).spec).toMatchObject({
    minReplicas: 1,
    metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }],
  });
  const spec = created(horizontalPodAutoscalers, make({ behavior: { scaleDown: { selectPolicy: 'Min' } } })).spec;
  expect(spec?.behavior).toEqual({
    scaleUp: {
      stabilizationWindowSeconds: 0,
      selectPolicy: 'Max',
      policies: [
        { type: 'Pods', value: 4, periodSeconds: 15 },
        { type: 'Percent', value: 100, periodSeconds: 15 },
      ],
    },
    scaleDown: { selectPolicy: 'Min', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] },
  });
});

const path = 'spec.metrics[0]';
const noTarget = 'must set either a target raw value or a target utilization';
const rules = (scaleUp: object) => make({ behavior: { scaleUp } });

it.each<[string, object, string[]]>([
  ['nothing wrong', make(), []],
  [
    'fewer than no replicas',
    make({ minReplicas: 0, maxReplicas: 0 }),
    [
      'spec.minReplicas: Invalid value: 0: must be greater than or equal to 1',
      'spec.maxReplicas: Invalid value: 0: must be greater than 0',
      'spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero replicas',
    ],
  ],
  [
    'a maximum below the minimum',
    make({ minReplicas: 6 }),
    ['spec.maxReplicas: Invalid value: 5: must be greater than or equal to `minReplicas`'],
  ],
  [
    'no target',
    make({ scaleTargetRef: { kind: 'a/b' } }),
    [`spec.scaleTargetRef.kind: Invalid value: "a/b": may not contain '/'`, 'spec.scaleTargetRef.name: Required value'],
  ],
  [
    'an unknown metric',
    make({ metrics: [{ type: 'Mood' }] }),
    [
      `${path}.type: Unsupported value: "Mood": supported values: "ContainerResource", "External", "Object", "Pods", "Resource"`,
    ],
  ],
  [
    'a metric without its source',
    make({ metrics: [{ type: 'Pods' }] }),
    [`${path}.pods: Required value: must populate information for the given metric source`],
  ],
  [
    'two sources',
    make({
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 1 } },
          pods: { metric: { name: 'm' }, target: { type: 'AverageValue', averageValue: '1' } },
        },
      ],
    }),
    [`${path}.pods: Forbidden: must populate the given metric source only`],
  ],
  [
    'a resource without target',
    metric('Resource', { name: '', target: { type: 'Utilization' } }),
    [
      `${path}.resource.name: Required value: must specify a resource name`,
      `${path}.resource.target.averageUtilization: Required value: ${noTarget}`,
    ],
  ],
  [
    'a resource with two targets',
    metric('Resource', { name: 'cpu', target: { type: 'Utilization', averageUtilization: 0, averageValue: '0' } }),
    [
      `${path}.resource.target.averageValue: Invalid value: "0": must be positive`,
      `${path}.resource.target.averageUtilization: Invalid value: 0: must be greater than 0`,
      `${path}.resource.target.averageValue: Forbidden: may not set both a target raw value and a target utilization`,
    ],
  ],
  [
    'a resource of no container',
    metric('ContainerResource', { name: 'cpu', container: '', target: { type: 'AverageValue', averageValue: '1' } }),
    [`${path}.containerResource.container: Required value: must specify a container`],
  ],
  [
    'a metric of pods without average',
    metric('Pods', { metric: { name: '' }, target: { type: 'Some', value: '1' } }),
    [
      `${path}.pods.metric.name: Required value: must specify a metric name`,
      `${path}.pods.target.type: Invalid value: "Some": must be either Utilization, Value, or AverageValue`,
      `${path}.pods.target.averageValue: Required value: must specify a positive target averageValue`,
    ],
  ],
  [
    'a metric of nothing',
    metric('Object', { describedObject: { kind: '', name: '' }, metric: { name: 'm' }, target: { type: 'Value' } }),
    [
      `${path}.object.describedObject.kind: Required value`,
      `${path}.object.describedObject.name: Required value`,
      `${path}.object.target.averageValue: Required value: must set either a target value or averageValue`,
    ],
  ],
  [
    'an external metric with two targets',
    metric('External', { metric: { name: 'm' }, target: { type: 'Value', value: '1', averageValue: '1' } }),
    [`${path}.external.target.value: Forbidden: may not set both a target value for metric and a per-pod target`],
  ],
  [
    'rules without sense',
    rules({
      stabilizationWindowSeconds: 3601,
      selectPolicy: 'Any',
      policies: [{ type: 'Some', value: 0, periodSeconds: 1801 }],
      tolerance: '-1',
    }),
    [
      'spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: 3601: must be less than or equal to 3600',
      'spec.behavior.scaleUp.selectPolicy: Unsupported value: "Any": supported values: "Disabled", "Max", "Min"',
      'spec.behavior.scaleUp.policies[0].type: Unsupported value: "Some": supported values: "Percent", "Pods"',
      'spec.behavior.scaleUp.policies[0].value: Invalid value: 0: must be greater than zero',
      'spec.behavior.scaleUp.policies[0].periodSeconds: Invalid value: 1801: must be less than or equal to 1800',
      'spec.behavior.scaleUp.tolerance: Invalid value: "-1": must be greater or equal to zero',
    ],
  ],
  [
    'no policies',
    rules({ policies: [], stabilizationWindowSeconds: -1 }),
    [
      'spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: -1: must be greater than or equal to zero',
      'spec.behavior.scaleUp.policies: Required value: must specify at least one Policy',
    ],
  ],
])('validates %s', (_, object, expected) => {
  expect(createErrors(horizontalPodAutoscalers, object)).toEqual(expected);
});

it('lets scale to zero what already does', () => {
  const external = { metric: { name: 'm' }, target: { type: 'Value', value: '1' } };
  const toZero = make({ minReplicas: 0, metrics: [{ type: 'External', external }] });
  expect(createErrors(horizontalPodAutoscalers, toZero)).toHaveLength(1);
  expect(updateErrors(horizontalPodAutoscalers, toZero, ({ spec }) => (spec.maxReplicas = 7))).toEqual([]);
});

it('checks reported counts', () => {
  expect(statusErrors(horizontalPodAutoscalers, make(), { currentReplicas: -1, desiredReplicas: 1 })).toEqual([
    'status.currentReplicas: Invalid value: -1: must be greater than or equal to 0',
  ]);
});

const target = (fields: object) => ({ metric: { name: 'm' }, target: { type: 'Value', ...fields } });

it.each<[string, object[], object[], string]>([
  ['nothing', [], [], '<none>'],
  [
    'utilization',
    [{ type: 'Resource', resource: { name: 'cpu', target: { averageUtilization: 80 } } }],
    [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 12 } } }],
    'cpu: 12%/80%',
  ],
  [
    'a raw value of a container',
    [
      {
        type: 'ContainerResource',
        containerResource: { name: 'memory', container: 'c', target: { averageValue: '1Gi' } },
      },
    ],
    [],
    'memory: <unknown>/1Gi',
  ],
  [
    'values of other things',
    [
      { type: 'External', external: target({ value: '10' }) },
      { type: 'Object', object: target({ averageValue: '5' }) },
      { type: 'Pods', pods: target({ averageValue: '1' }) },
    ],
    [{ type: 'External', external: { current: { value: '3' } } }],
    '3/10, <unknown>/5 (avg) + 1 more...',
  ],
])('prints %s', (_, metrics, currentMetrics, expected) => {
  const autoscaler = { ...make({ metrics }), status: { currentMetrics } };
  expect(cellsOf(horizontalPodAutoscalers, autoscaler)).toMatchObject({
    Reference: 'Deployment/web',
    Targets: expected,
    MinPods: '<unset>',
    MaxPods: 5,
    Replicas: 0,
  });
});

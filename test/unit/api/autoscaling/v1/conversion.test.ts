import { fromAutoscalingV1, toAutoscalingV1 } from '../../../../../api/autoscaling/v1/conversion';
import type { HorizontalPodAutoscaler } from '../../../../../api/autoscaling/v2/horizontalpodautoscaler';
import { cloneJson } from '../../../../../api/meta/json';

const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
const described = { apiVersion: 'v1', kind: 'Service', name: 's' };
const selector = { matchLabels: { a: 'b' } };
const cpu = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } } };

const full: HorizontalPodAutoscaler = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'a', annotations: { mine: 'yes' } },
  spec: {
    scaleTargetRef,
    minReplicas: 1,
    maxReplicas: 3,
    metrics: [
      { type: 'Pods', pods: { metric: { name: 'm', selector }, target: { type: 'AverageValue', averageValue: '1' } } },
      {
        type: 'Object',
        object: { describedObject: described, metric: { name: 'm' }, target: { type: 'Value', value: '2' } },
      },
      {
        type: 'Object',
        object: {
          describedObject: described,
          metric: { name: 'm' },
          target: { type: 'AverageValue', averageValue: '2' },
        },
      },
      { type: 'External', external: { metric: { name: 'm' }, target: { type: 'Value', value: '3' } } },
      { type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1Gi' } } },
      {
        type: 'ContainerResource',
        containerResource: { name: 'cpu', container: 'c', target: { type: 'Utilization', averageUtilization: 5 } },
      },
      cpu,
    ],
    behavior: {
      scaleUp: {
        stabilizationWindowSeconds: 0,
        selectPolicy: 'Max',
        policies: [{ type: 'Pods', value: 4, periodSeconds: 15 }],
      },
      scaleDown: { policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }], tolerance: '100m' },
    },
  },
  status: {
    currentReplicas: 2,
    desiredReplicas: 3,
    currentMetrics: [
      { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 12, averageValue: '30m' } } },
      { type: 'Pods', pods: { metric: { name: 'm' }, current: { averageValue: '7' } } },
      { type: 'Object', object: { describedObject: described, metric: { name: 'm' }, current: { value: '1' } } },
      { type: 'External', external: { metric: { name: 'm' }, current: { value: '4' } } },
    ],
    conditions: [
      {
        type: 'AbleToScale',
        status: 'True',
        reason: 'Ready',
        message: 'fine',
        lastTransitionTime: '2026-01-01T00:00:00Z',
      },
    ],
  },
};

const annotation = (name: string) => `autoscaling.alpha.kubernetes.io/${name}`;

it('keeps everything on the way to v1 and back', () => {
  expect(fromAutoscalingV1(toAutoscalingV1(full))).toEqual(full);
});

it('does not touch what it converts', () => {
  const before = cloneJson(full);
  toAutoscalingV1(full);
  expect(full).toEqual(before);
});

it('has fields for CPU utilization, and annotations for the rest', () => {
  const v1 = toAutoscalingV1(full);
  expect(v1).toMatchObject({
    apiVersion: 'autoscaling/v1',
    spec: { scaleTargetRef, minReplicas: 1, maxReplicas: 3, targetCPUUtilizationPercentage: 60 },
    status: { currentReplicas: 2, desiredReplicas: 3, currentCPUUtilizationPercentage: 12 },
  });
  expect(v1.spec).not.toHaveProperty('metrics');
  const { annotations = {} } = v1.metadata ?? {};
  expect(Object.keys(annotations).sort()).toEqual([
    ...['behavior', 'conditions', 'current-metrics', 'metrics'].map(annotation),
    'mine',
  ]);
  expect(JSON.parse(annotations[annotation('metrics')]!)[0]).toEqual({
    type: 'Pods',
    pods: { metricName: 'm', targetAverageValue: '1', selector },
  });
  expect(JSON.parse(annotations[annotation('behavior')]!).ScaleUp).toEqual({
    StabilizationWindowSeconds: 0,
    SelectPolicy: 'Max',
    Policies: [{ Type: 'Pods', Value: 4, PeriodSeconds: 15 }],
    Tolerance: null,
  });
});

it('adds no annotations where fields are enough', () => {
  const plain = { ...full, metadata: { name: 'a' }, status: { desiredReplicas: 0 } };
  plain.spec = { scaleTargetRef, maxReplicas: 3, metrics: [cpu] };
  expect(toAutoscalingV1(plain).metadata).toEqual({ name: 'a' });
});

it.each<[string, string, string]>([
  ['no JSON', 'metrics', '{'],
  ['no list', 'metrics', '{}'],
  ['a list of nothing', 'metrics', '[null]'],
  ['another type of name', 'metrics', '[{"type":"Resource","resource":{"name":5}}]'],
  ['a list of lists', 'metrics', '[[]]'],
  ['a name that objects have', 'metrics', '[{"type":"Pods","pods":{"__proto__":{"polluted":true}},"constructor":{}}]'],
  ['statuses of another shape', 'current-metrics', '[{"type":5}]'],
  ['conditions of another shape', 'conditions', '[{"type":{}}]'],
  ['no behaviour', 'behavior', '[]'],
  ['behaviour of another shape', 'behavior', '{"ScaleUp":{"Policies":5}}'],
])('takes nothing from an annotation with %s', (_, name, text) => {
  const object = fromAutoscalingV1({
    apiVersion: 'autoscaling/v1',
    metadata: { name: 'a', annotations: { [annotation(name)]: text } },
    spec: { scaleTargetRef, maxReplicas: 3 },
    status: { currentReplicas: 0, desiredReplicas: 0 },
  });
  expect(object.metadata).toEqual({ name: 'a' });
  expect(object.spec?.behavior).toBeUndefined();
  expect(object.status?.conditions).toBeUndefined();
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});

it('finds the fields of behaviour in any case', () => {
  const annotations = { [annotation('behavior')]: '{"scaleUp":{"stabilizationWindowSeconds":30}}' };
  const object = fromAutoscalingV1({ metadata: { annotations }, spec: { scaleTargetRef, maxReplicas: 3 } });
  expect(object.spec?.behavior).toEqual({ scaleUp: { stabilizationWindowSeconds: 30 } });
});

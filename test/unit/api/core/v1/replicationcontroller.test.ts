import { podTemplates } from '../../../../../api/core/v1/podtemplate';
import { replicationControllers } from '../../../../../api/core/v1/replicationcontroller';
import { cellsOf, created, createErrors, statusErrors, updateErrors } from '../../../../support/kinds';

const template = (labels: object | undefined, spec: object = {}) => ({
  ...(labels && { metadata: { labels } }),
  spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
});
const make = (spec: object = {}) => ({ spec: { template: template({ app: 'a' }), ...spec } });

it('takes labels and selector from its pods', () => {
  const controller = created(replicationControllers, make());
  expect(controller).toMatchObject({
    metadata: { labels: { app: 'a' } },
    spec: { selector: { app: 'a' }, replicas: 1 },
  });
  const own = created(replicationControllers, {
    metadata: { labels: { mine: 'yes' } },
    ...make({ selector: { app: 'b' } }),
  });
  expect(own).toMatchObject({ metadata: { labels: { mine: 'yes' } }, spec: { selector: { app: 'b' } } });
});

it.each<[string, object, string[]]>([
  ['nothing wrong', make(), []],
  ['no selector', make({ template: template(undefined) }), ['spec.selector: Required value']],
  ['no template', { spec: { selector: { app: 'a' } } }, ['spec.template: Required value']],
  [
    'a selector that misses the template',
    make({ selector: { app: 'b' } }),
    ['spec.template.metadata.labels: Invalid value: {"app":"a"}: `selector` does not match template `labels`'],
  ],
  [
    'negative numbers',
    make({ replicas: -1, minReadySeconds: -1 }),
    [
      'spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0',
      'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    ],
  ],
  [
    'pods that end',
    make({ template: template({ app: 'a' }, { restartPolicy: 'OnFailure', activeDeadlineSeconds: 1 }) }),
    [
      'spec.template.spec.restartPolicy: Unsupported value: "OnFailure": supported values: "Always"',
      'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicationController is not Supported',
    ],
  ],
])('validates %s', (_, object, expected) => {
  expect(createErrors(replicationControllers, object)).toEqual(expected);
});

it('may select other pods later', () => {
  const edit = ({ spec }: any): void => {
    spec.selector = { app: 'b' };
    spec.template.metadata.labels = { app: 'b' };
  };
  expect(updateErrors(replicationControllers, make(), edit)).toEqual([]);
});

it('checks reported counts', () => {
  expect(statusErrors(replicationControllers, make(), { replicas: 1, readyReplicas: 2, availableReplicas: 3 })).toEqual(
    [
      'status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas',
      'status.availableReplicas: Invalid value: 3: cannot be greater than status.replicas',
      'status.availableReplicas: Invalid value: 3: cannot be greater than readyReplicas',
    ],
  );
});

it('prints its selector as labels', () => {
  expect(cellsOf(replicationControllers, created(replicationControllers, make()))).toMatchObject({
    Desired: 1,
    Current: 0,
    Ready: 0,
    Selector: 'app=a',
  });
});

describe('PodTemplate', () => {
  it('is a template that pods could have', () => {
    expect(createErrors(podTemplates, { template: template({ app: 'a' }) })).toEqual([]);
    expect(createErrors(podTemplates, {})).toEqual(['template.spec.containers: Required value']);
    expect(cellsOf(podTemplates, { template: template({ app: 'a' }) })).toMatchObject({
      Containers: 'c',
      Images: 'i',
      'Pod Labels': 'app=a',
    });
  });
});

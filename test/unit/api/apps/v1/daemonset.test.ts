import { daemonSets } from '../../../../../api/apps/v1/daemonset';
import { created, createErrors, statusErrors, updateErrors } from '../../../../support/kinds';

const make = (spec: object = {}, template: object = {}) => ({
  spec: {
    selector: { matchLabels: { app: 'a' } },
    template: { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'c', image: 'i' }], ...template } },
    ...spec,
  },
});

it('has upstream defaults, and counts generations of its template', () => {
  const set = created(daemonSets, make());
  expect(set.spec).toMatchObject({
    revisionHistoryLimit: 10,
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
  });
  expect(set.metadata?.annotations).toEqual({ 'deprecated.daemonset.template.generation': '1' });
  const changed = structuredClone(set);
  changed.metadata!.annotations = {};
  daemonSets.prepareForUpdate?.(changed, set);
  expect(changed.metadata?.annotations).toEqual({ 'deprecated.daemonset.template.generation': '1' });
  changed.spec!.template.spec!.containers[0]!.image = 'j';
  daemonSets.prepareForUpdate?.(changed, set);
  expect(changed.metadata?.annotations).toEqual({ 'deprecated.daemonset.template.generation': '2' });
});

const rolling = (rollingUpdate: object) => make({ updateStrategy: { rollingUpdate } });

it.each<[string, object, string[]]>([
  ['nothing wrong', make(), []],
  ['an update on deletion', make({ updateStrategy: { type: 'OnDelete' } }), []],
  ['no selector', make({ selector: undefined }), ['spec.selector: Required value']],
  [
    'an empty selector',
    make({ selector: {} }),
    ['spec.selector: Invalid value: {}: empty selector is invalid for daemonset'],
  ],
  [
    'a selector that misses the template',
    make({ selector: { matchLabels: { app: 'b' } } }),
    ['spec.template.metadata.labels: Invalid value: {"app":"a"}: `selector` does not match template `labels`'],
  ],
  [
    'pods that end',
    make({}, { restartPolicy: 'Never', activeDeadlineSeconds: 5 }),
    [
      'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
      'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in DaemonSet is not Supported',
    ],
  ],
  [
    'an unknown strategy',
    make({ updateStrategy: { type: 'Sometimes' } }),
    ['spec.updateStrategy: Unsupported value: {"type":"Sometimes"}: supported values: "OnDelete", "RollingUpdate"'],
  ],
  [
    'surge and unavailability',
    rolling({ maxSurge: 1, maxUnavailable: '10%' }),
    ['spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero'],
  ],
  [
    'neither surge nor unavailability',
    rolling({ maxUnavailable: '0%' }),
    ['spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0'],
  ],
  [
    'more than all',
    rolling({ maxUnavailable: '101%' }),
    ['spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%'],
  ],
  [
    'negative numbers',
    make({ minReadySeconds: -1, revisionHistoryLimit: -1 }),
    [
      'spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0',
      'spec.revisionHistoryLimit: Invalid value: -1: must be greater than or equal to 0',
    ],
  ],
])('validates %s', (_, object, expected) => {
  expect(createErrors(daemonSets, object)).toEqual(expected);
});

it('keeps the selector', () => {
  expect(updateErrors(daemonSets, make(), (set) => (set.spec.minReadySeconds = 3))).toEqual([]);
  const errors = updateErrors(daemonSets, make(), (set) => {
    set.spec.selector.matchLabels.more = 'b';
    set.spec.template.metadata.labels.more = 'b';
  });
  expect(errors).toEqual(['spec.selector: Invalid value: {"matchLabels":{"app":"a","more":"b"}}: field is immutable']);
});

it('checks reported counts', () => {
  expect(statusErrors(daemonSets, make(), { numberReady: -1 })).toEqual([
    'status.numberReady: Invalid value: -1: must be greater than or equal to 0',
  ]);
  expect(statusErrors(daemonSets, make(), {}, { collisionCount: 1 })).toEqual([
    'status.collisionCount: Invalid value: 0: cannot be decremented',
  ]);
});

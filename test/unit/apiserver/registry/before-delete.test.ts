import { defineResource } from '../../../../api/meta/resource-definition';
import type { KubeObject, ObjectMeta, Stored } from '../../../../api/meta/types';
import { planDeletion } from '../../../../apiserver/registry/before-delete';
import type { DeleteRequest } from '../../../../apiserver/registry/store';

const plain = defineResource<KubeObject>({
  group: '',
  version: 'v1',
  kind: 'Thing',
  names: { plural: 'things', singular: 'thing' },
  scope: 'Cluster',
});
const graceful = { ...plain, gracePeriodSeconds: (_object: KubeObject, requested?: number) => requested ?? 30 };
const nowMs = Date.parse('2026-01-01T00:00:00Z');

const plan = (definition: typeof plain, metadata: Partial<ObjectMeta>, request: DeleteRequest = {}, held = false) => {
  const object = { metadata: { name: 'a', ...metadata } } as Stored<KubeObject>;
  const outcome = planDeletion(definition, object, request, { nowMs, held });
  const { name: _name, ...after } = object.metadata;
  return { outcome, after };
};

it.each([
  ['nothing holds it', plain, {}, {}, 'remove'],
  ['a finalizer holds it', plain, { finalizers: ['x'] }, {}, 'wait'],
  ['the policy adds one', plain, {}, { propagationPolicy: 'Foreground' }, 'wait'],
  ['the policy takes the only one', plain, { finalizers: ['orphan'] }, { propagationPolicy: 'Background' }, 'remove'],
  ['it has grace', graceful, {}, {}, 'wait'],
  ['it has no grace left', graceful, {}, { gracePeriodSeconds: 0 }, 'remove-after-update'],
  ['its removal was interrupted', graceful, { deletionTimestamp: 't', deletionGracePeriodSeconds: 0 }, {}, 'remove'],
] as const)('when %s', (_case, definition, metadata, request, outcome) => {
  expect(plan(definition, { ...metadata } as Partial<ObjectMeta>, request).outcome).toBe(outcome);
});

it('waits for what the kind says, marked as deleting', () => {
  const { outcome, after } = plan(plain, { generation: 3 }, {}, true);
  expect(outcome).toBe('wait');
  expect(after).toEqual({ deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 0, generation: 4 });
});

it('treats a negative grace period as one second', () => {
  expect(plan(graceful, {}, { gracePeriodSeconds: -5 }).after).toEqual({
    deletionTimestamp: '2026-01-01T00:00:01Z',
    deletionGracePeriodSeconds: 1,
  });
});

it('keeps an earlier decision about dependents unless told otherwise', () => {
  expect(plan(plain, { finalizers: ['foregroundDeletion', 'x'] }).after.finalizers).toEqual([
    'x',
    'foregroundDeletion',
  ]);
});

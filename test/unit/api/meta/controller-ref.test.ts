import { getControllerOf, isControlledBy, newControllerRef } from '../../../../api/meta/controller-ref';

const meta = { name: 'rs', uid: 'u1', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };

describe('controller references', () => {
  it('names the controller by its UID', () => {
    const reference = newControllerRef({ metadata: meta }, { apiVersion: 'apps/v1', kind: 'ReplicaSet' });
    const pod = { metadata: { ownerReferences: [{ ...reference, uid: 'x', controller: false }, reference] } };
    expect(reference).toEqual({
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      name: 'rs',
      uid: 'u1',
      controller: true,
      blockOwnerDeletion: true,
    });
    expect(getControllerOf(pod)).toBe(reference);
    expect(isControlledBy(pod, { metadata: meta })).toBe(true);
    expect(isControlledBy(pod, { metadata: { ...meta, uid: 'x' } })).toBe(false);
    expect(getControllerOf({})).toBeUndefined();
  });
});

import { bindPod } from '../../../../../apiserver/registry/kinds/pod-binding';

const now = '2026-01-01T00:00:00Z';
const pod = (more: { metadata?: object; spec?: object } = {}) => ({
  metadata: { namespace: 'a', name: 'web', uid: 'u1', resourceVersion: '1', creationTimestamp: now, ...more.metadata },
  spec: { containers: [], ...more.spec },
});
const binding = { target: { kind: 'Node', name: 'n1' } };

describe('binding', () => {
  it('puts the pod on the node and says so in a condition', () => {
    const bound = bindPod(pod(), { ...binding, metadata: { annotations: { a: 'b' } } }, now);
    expect(bound.spec?.nodeName).toBe('n1');
    expect(bound.metadata?.annotations).toEqual({ a: 'b' });
    expect(bound.status?.conditions).toEqual([{ type: 'PodScheduled', status: 'True', lastTransitionTime: now }]);
  });

  it('takes back that room was made for it elsewhere', () => {
    const nominated = { ...pod(), status: { phase: 'Pending', nominatedNodeName: 'n2' } };
    expect(bindPod(nominated, binding, now).status).toEqual({ phase: 'Pending', conditions: [expect.anything()] });
  });

  it.each([
    ['a bound pod', pod({ spec: { nodeName: 'n2' } }), {}, 'pod web is already assigned to node "n2"'],
    ['a pod on its way out', pod({ metadata: { deletionTimestamp: now } }), {}, 'pod web is being deleted'],
    ['a gated pod', pod({ spec: { schedulingGates: [{ name: 'g' }] } }), {}, 'non-empty .spec.schedulingGates'],
    ['another pod of that name', pod(), { uid: 'u2' }, 'UID in precondition: u2, UID in object meta: u1'],
  ])('is a conflict for %s', (_what, given, metadata, message) => {
    expect(() => bindPod(given, { ...binding, metadata }, now)).toThrow(
      `Operation cannot be fulfilled on pods/binding "web": `,
    );
    expect(() => bindPod(given, { ...binding, metadata }, now)).toThrow(message);
  });
});

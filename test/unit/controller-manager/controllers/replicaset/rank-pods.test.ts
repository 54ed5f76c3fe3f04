import {
  choosePodsToDelete,
  deletionCostAnnotation,
} from '../../../../../controller-manager/controllers/replicaset/rank-pods';
import { epochMs, pod, type PodOptions } from '../../../../support/controller-objects';

const now = epochMs + 10_000_000;

/** Deletes one of two and gives its name. */
function victim(a: PodOptions, b: PodOptions, related: PodOptions[] = []): string {
  const candidates = [
    pod({ name: 'a', node: 'n1', readyAt: 0, ...a }),
    pod({ name: 'b', node: 'n2', readyAt: 0, ...b }),
  ];
  const others = related.map((each, i) => pod({ name: `other-${i}`, ...each }));
  return (
    choosePodsToDelete(candidates, [...candidates, ...others], 1, now).map(({ metadata }) => metadata.name)[0] ?? ''
  );
}

describe('choosePodsToDelete', () => {
  it('takes an unassigned pod before an assigned one', () => expect(victim({}, { node: '' })).toBe('b'));
  it('takes a pending pod before a running one', () => expect(victim({}, { phase: 'Pending' })).toBe('b'));
  it('takes an unready pod before a ready one', () => {
    const candidates = [pod({ name: 'a', node: 'n', readyAt: 0 }), pod({ name: 'b', node: 'n' })];
    expect(choosePodsToDelete(candidates, candidates, 1, now)[0]?.metadata.name).toBe('b');
  });
  it('takes the cheaper pod first', () =>
    expect(
      victim({ annotations: { [deletionCostAnnotation]: '5' } }, { annotations: { [deletionCostAnnotation]: '-1' } }),
    ).toBe('b'));
  it('takes a pod that shares its node with others of the same controller', () =>
    expect(victim({}, {}, [{ node: 'n2', readyAt: 0 }])).toBe('b'));
  it('does not count terminal and terminating neighbours', () =>
    expect(
      victim({ readyAt: 9000 }, {}, [
        { node: 'n2', phase: 'Failed' },
        { node: 'n2', deleting: true, readyAt: 0 },
      ]),
    ).toBe('a'));
  it('takes the pod that was ready for a shorter time', () => expect(victim({}, { readyAt: 9000 })).toBe('b'));
  it('takes the pod with more restarts', () => expect(victim({}, { restarts: 3 })).toBe('b'));
  it('takes the newer pod', () => expect(victim({}, { createdAt: 9000 })).toBe('b'));
  it('treats ages within a power of two as equal and lets the UID decide', () =>
    expect(victim({ readyAt: 100 }, { readyAt: 101 })).toBe('a'));
  it('takes all when as many are to go as there are', () =>
    expect(choosePodsToDelete([pod({ name: 'a' }), pod({ name: 'b' })], [], 2, now)).toHaveLength(2));
});

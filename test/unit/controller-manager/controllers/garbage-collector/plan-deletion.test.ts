import {
  type OwnerState,
  planDeletion,
} from '../../../../../controller-manager/controllers/garbage-collector/plan-deletion';

const plan = (states: OwnerState[], finalizers: string[] = [], dependents: boolean[] = []) =>
  planDeletion(
    { owners: states.map((state, i) => ({ apiVersion: 'v1', kind: 'X', name: `${i}`, uid: state })), finalizers },
    ({ uid }) => uid as OwnerState,
    dependents.map((deletingDependents) => ({ deletingDependents })),
  );

describe('planDeletion', () => {
  it.each([
    [['solid'], [], [], { action: 'keep' }],
    [['dangling'], [], [], { action: 'delete', policy: 'Background', unblock: false }],
    [['dangling', 'dangling'], ['orphan'], [], { action: 'delete', policy: 'Orphan', unblock: false }],
    [['dangling'], ['foregroundDeletion'], [], { action: 'delete', policy: 'Foreground', unblock: false }],
    [['waiting'], [], [], { action: 'delete', policy: 'Background', unblock: false }],
    [['waiting'], [], [false], { action: 'delete', policy: 'Foreground', unblock: false }],
    [['waiting'], [], [true], { action: 'delete', policy: 'Foreground', unblock: true }],
  ] as [OwnerState[], string[], boolean[], object][])(
    'owners %j, finalizers %j, dependents %j',
    (states, finalizers, dependents, wanted) => expect(plan(states, finalizers, dependents)).toEqual(wanted),
  );
  it('stays for one solid owner and lets the others go', () => {
    expect(plan(['solid', 'dangling', 'waiting'])).toEqual({
      action: 'dropOwners',
      owners: [expect.objectContaining({ uid: 'solid' })],
    });
  });
});

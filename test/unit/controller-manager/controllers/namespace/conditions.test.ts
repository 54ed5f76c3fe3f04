import { deletionConditions } from '../../../../../controller-manager/controllers/namespace/conditions';
import { at, epochMs } from '../../../../support/controller-objects';

const empty = { remaining: new Map(), finalizers: new Map(), errors: [], estimateSeconds: 0 };

describe('deletionConditions', () => {
  it('says that all is well, with upstream texts', () => {
    expect(
      deletionConditions(undefined, [], empty, epochMs).map(({ type, status, reason, message }) => [
        type,
        status,
        reason,
        message,
      ]),
    ).toEqual([
      ['NamespaceDeletionDiscoveryFailure', 'False', 'ResourcesDiscovered', 'All resources successfully discovered'],
      [
        'NamespaceDeletionGroupVersionParsingFailure',
        'False',
        'ParsedGroupVersions',
        'All legacy kube types successfully parsed',
      ],
      [
        'NamespaceDeletionContentFailure',
        'False',
        'ContentDeleted',
        'All content successfully deleted, may be waiting on finalization',
      ],
      ['NamespaceContentRemaining', 'False', 'ContentRemoved', 'All content successfully removed'],
      ['NamespaceFinalizersRemaining', 'False', 'ContentHasNoFinalizers', 'All content-preserving finalizers finished'],
    ]);
  });
  it('says what remains and why, and keeps transition times', () => {
    const before = deletionConditions(undefined, [], empty, epochMs);
    const report = { ...empty, remaining: new Map([['pods.', 2]]), finalizers: new Map([['example.com/x', 1]]) };
    const after = deletionConditions(before, [], report, epochMs + 5000);
    expect(after.find(({ type }) => type === 'NamespaceContentRemaining')).toEqual({
      type: 'NamespaceContentRemaining',
      status: 'True',
      reason: 'SomeResourcesRemain',
      message: 'Some resources are remaining: pods. has 2 resource instances',
      lastTransitionTime: at(5),
    });
    expect(after.find(({ type }) => type === 'NamespaceFinalizersRemaining')?.message).toBe(
      'Some content in the namespace has finalizers remaining: example.com/x in 1 resource instances',
    );
    expect(after[0]?.lastTransitionTime).toBe(at(0));
  });
});

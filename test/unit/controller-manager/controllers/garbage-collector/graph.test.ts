import { pods } from '../../../../../api/core/v1/pod';
import { replicaSets } from '../../../../../api/apps/v1/replicaset';
import { DependencyGraph } from '../../../../../controller-manager/controllers/garbage-collector/graph';
import { at, pod, replicaSet, stored } from '../../../../support/controller-objects';

function setUp() {
  const checked: string[] = [];
  const orphaned: string[] = [];
  const graph = new DependencyGraph({ check: (uid) => checked.push(uid), orphan: (uid) => orphaned.push(uid) });
  const take = () => ({ checked: checked.splice(0), orphaned: orphaned.splice(0) });
  return { graph, take };
}

const owner = replicaSet({ name: 'web' });
const child = pod({ name: 'web-1', owner });
const deleting = (finalizer: string) =>
  stored({ ...owner, metadata: { ...owner.metadata, deletionTimestamp: at(1), finalizers: [finalizer] } });

describe('DependencyGraph', () => {
  it('looks at nothing while every owner is there', () => {
    const { graph, take } = setUp();
    graph.observe(replicaSets, owner);
    graph.observe(pods, child);
    expect(take()).toEqual({ checked: [], orphaned: [] });
  });
  it('looks at an object whose owner was not seen', () => {
    const { graph, take } = setUp();
    graph.observe(pods, child);
    expect(take().checked).toEqual([child.metadata.uid]);
  });
  it('looks at the dependents of what is gone', () => {
    const { graph, take } = setUp();
    graph.observe(replicaSets, owner);
    graph.observe(pods, child);
    graph.forget(owner.metadata.uid);
    expect(take().checked).toEqual([child.metadata.uid]);
  });
  it('looks at blocking dependents first, then at the owner when the last one went', () => {
    const { graph, take } = setUp();
    graph.observe(replicaSets, owner);
    graph.observe(pods, child);
    graph.observe(replicaSets, deleting('foregroundDeletion'));
    expect(take().checked).toEqual([child.metadata.uid, owner.metadata.uid]);
    expect(graph.blockingDependents(owner.metadata.uid)).toHaveLength(1);
    graph.forget(child.metadata.uid);
    expect(take().checked).toEqual([owner.metadata.uid]);
    expect(graph.blockingDependents(owner.metadata.uid)).toEqual([]);
  });
  it('asks once to let dependents go', () => {
    const { graph, take } = setUp();
    graph.observe(replicaSets, owner);
    graph.observe(replicaSets, deleting('orphan'));
    graph.observe(replicaSets, deleting('orphan'));
    expect(take().orphaned).toEqual([owner.metadata.uid]);
  });
  it('looks at an object whose reference describes its owner wrongly', () => {
    const { graph, take } = setUp();
    const [ref] = child.metadata.ownerReferences ?? [];
    const wrong = stored({ ...child, metadata: { ...child.metadata, ownerReferences: [{ ...ref!, name: 'other' }] } });
    graph.observe(pods, wrong);
    take();
    graph.observe(replicaSets, owner);
    expect(take().checked).toEqual([child.metadata.uid]);
  });
});

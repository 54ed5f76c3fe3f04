import { type ReplicaSet, replicaSets } from '../../../api/apps/v1/replicaset';
import { CachedInformer } from '../../../client/informer';
import { OwnWrites } from '../../../client/own-writes';
import { replicaSet } from '../../support/controller-objects';

const at = (resourceVersion: string, replicas: number) => {
  const { metadata, ...rest } = structuredClone(replicaSet({ name: 'web', replicas }));
  return { ...rest, metadata: { ...metadata, resourceVersion } };
};

it('prefers what was written to what was watched, until the watch is ahead', () => {
  const informer = new CachedInformer<ReplicaSet>({ definition: replicaSets, client: {}, clock: {}, log: {} } as never);
  const writes = new OwnWrites(informer);
  const replicas = () => writes.newest(informer.lister.get('default/web')!).spec?.replicas;
  informer.apply({ type: 'ADDED', object: at('5', 3) });
  writes.note(at('8', 1));
  expect(replicas()).toBe(1);
  informer.apply({ type: 'MODIFIED', object: at('6', 2) });
  expect(replicas()).toBe(1);
  informer.apply({ type: 'MODIFIED', object: at('9', 4) });
  expect(replicas()).toBe(4);
});

it('knows nothing of another object of that name', () => {
  const informer = new CachedInformer<ReplicaSet>({ definition: replicaSets, client: {}, clock: {}, log: {} } as never);
  const writes = new OwnWrites(informer);
  writes.note(at('8', 1));
  const other = at('5', 3);
  other.metadata.uid = 'other';
  expect(writes.newest(other)).toBe(other);
});

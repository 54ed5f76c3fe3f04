import { type ReplicaSet, replicaSets } from '../../../../../api/apps/v1/replicaset';
import { pods } from '../../../../../api/core/v1/pod';
import type { ResourceDefinition } from '../../../../../api/meta/resource-definition';
import { CachedInformer } from '../../../../../client/informer';
import { replicaSetController } from '../../../../../controller-manager/controllers/replicaset/controller';
import { pod, replicaSet } from '../../../../support/controller-objects';
import { createFakeClock } from '../../../../support/fake-clock';

/** The controller over informers that hear only what a test tells them. */
function start() {
  const clock = createFakeClock();
  const known = new Map<ResourceDefinition, CachedInformer<any>>();
  const informer = (definition: ResourceDefinition): CachedInformer<any> => {
    const existing =
      known.get(definition) ?? new CachedInformer({ definition, clock, client: {} as never, log: {} as never });
    known.set(definition, existing);
    return existing;
  };
  let created = 0;
  const reported: ReplicaSet['status'][] = [];
  const client = {
    create: () => Promise.resolve(pod({ name: `created-${++created}` })),
    delete: () => Promise.resolve(),
    updateStatus: (_definition: unknown, { status }: ReplicaSet) => Promise.resolve(reported.push(status)),
  };
  const reconciler = replicaSetController.create({
    client,
    clock,
    informers: { informer },
    recorder: { event: () => {} },
    log: {},
    enqueue: () => {},
  } as never);
  const hears = (definition: ResourceDefinition, object: object): void =>
    informer(definition).apply({ type: 'ADDED', object: structuredClone(object) as never });
  return {
    hears,
    reconcile: () => reconciler.reconcile('default/web', new AbortController().signal),
    created: () => created,
    reported,
  };
}

it('waits to see the pods that it asked for, and takes no others for them', async () => {
  const { hears, reconcile, created } = start();
  const web = replicaSet({ name: 'web', replicas: 2 });
  hears(replicaSets, web);
  await reconcile();
  expect(created()).toBe(2);
  const former = { ...web, metadata: { ...web.metadata, uid: 'of-the-former' } };
  hears(pods, pod({ name: 'old-1', owner: former }));
  hears(pods, pod({ name: 'old-2', owner: former }));
  await reconcile();
  expect(created()).toBe(2);
  hears(pods, pod({ name: 'new-1', owner: web }));
  hears(pods, pod({ name: 'new-2', owner: web }));
  await reconcile();
  expect(created()).toBe(2);
});

it('does not report pods that it told to go, seen or not', async () => {
  const { hears, reconcile, reported } = start();
  const web = replicaSet({ name: 'web', replicas: 1, actual: 3 });
  hears(replicaSets, web);
  for (const name of ['a', 'b', 'c']) hears(pods, pod({ name, owner: web, readyAt: 0 }));
  await reconcile();
  expect(reported).toEqual([expect.objectContaining({ replicas: 1, readyReplicas: 1, availableReplicas: 1 })]);
});

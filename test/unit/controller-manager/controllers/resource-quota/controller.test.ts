import { type Pod, pods } from '../../../../../api/core/v1/pod';
import type { ResourceQuota } from '../../../../../api/core/v1/resourcequota';
import type { ResourceDefinition } from '../../../../../api/meta/resource-definition';
import type { Stored } from '../../../../../api/meta/types';
import type { Reconciler } from '../../../../../client/controller';
import { resourceQuotaController } from '../../../../../controller-manager/controllers/resource-quota/controller';
import { createFakeClock } from '../../../../support/fake-clock';

const quota = (resourceVersion: string, used: string): Stored<ResourceQuota> => ({
  metadata: { name: 'q', namespace: 'ns', uid: 'q', resourceVersion, creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: { hard: { pods: '5' } },
  status: { hard: { pods: '5' }, used: { pods: used } },
});
const pod: Stored<Pod> = {
  metadata: { name: 'p', namespace: 'ns', uid: 'p', resourceVersion: '4', creationTimestamp: '2026-01-01T00:00:00Z' },
};

/** One pod is there. `cached` is the quota as the watch told of it, `stored` as it is. */
function start(cached: Stored<ResourceQuota>, stored: Stored<ResourceQuota>) {
  const state = { cached, written: [] as unknown[] };
  const listerOf = (definition: ResourceDefinition) => ({
    get: () => state.cached,
    list: () => (definition === pods ? [pod] : []),
  });
  const deps = {
    clock: createFakeClock(),
    informers: {
      informer: (definition: ResourceDefinition) => ({
        definition,
        lister: listerOf(definition),
        addEventHandler: () => undefined,
      }),
    },
    fullyWatched: new Set(),
    client: {
      list: async () => ({ metadata: {}, items: [stored] }),
      updateStatus: async (_definition: unknown, object: ResourceQuota) => void state.written.push(object.status?.used),
    },
    config: {},
    enqueue: () => undefined,
  };
  const { reconcile }: Reconciler = resourceQuotaController.create(deps as never);
  return { state, look: () => reconcile('ns/q', new AbortController().signal) };
}

it('looks again when the quota it knows is older than what it counts', async () => {
  const current = quota('6', '2');
  const { state, look } = start(quota('5', '1'), current);
  expect(await look()).toEqual({ requeueAfterMs: 200 });
  state.cached = current;
  // What was just charged may be on its way.
  expect(await look()).toEqual({ requeueAfterMs: 200 });
  expect(state.written).toEqual([]);
  expect(await look()).toBeUndefined();
  expect(state.written).toEqual([{ pods: '1' }]);
});

it('leaves a quota alone that says what is there', async () => {
  const { state, look } = start(quota('5', '1'), quota('5', '1'));
  expect(await look()).toBeUndefined();
  expect(state.written).toEqual([]);
});

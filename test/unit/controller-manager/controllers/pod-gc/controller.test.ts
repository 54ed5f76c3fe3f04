import type { Pod } from '../../../../../api/core/v1/pod';
import { ObjectStore } from '../../../../../client/object-store';
import { podGcController } from '../../../../../controller-manager/controllers/pod-gc/controller';
import { createLogger } from '../../../../../component-base/logger';
import { pod } from '../../../../support/controller-objects';
import { createFakeClock } from '../../../../support/fake-clock';

const log = createLogger('test');
log.level = 'silent';

it('goes on with the other pods when one cannot be deleted', async () => {
  const clock = createFakeClock();
  const store = new ObjectStore<Pod>();
  for (const name of ['first', 'refused', 'third']) store.set(pod({ name, phase: 'Succeeded', deleting: true }));
  const stop = new AbortController();
  const client = {
    delete: async (_definition: unknown, name: string) => {
      if (name === 'refused') throw new Error('denied by a webhook');
      store.remove(`default/${name}`);
    },
  };
  const informers = { informer: () => ({ lister: store }) };
  const { run } = podGcController.create({
    client,
    clock,
    informers,
    log,
    config: { terminatedPodGcThreshold: 12_500 },
    enqueue: () => {},
  } as unknown as Parameters<typeof podGcController.create>[0]);
  const running = run!(stop.signal);
  await clock.advance(0);
  expect([...store.keys()]).toEqual(['default/refused']);
  stop.abort(new Error('stopped'));
  await expect(running).rejects.toThrow('stopped');
});

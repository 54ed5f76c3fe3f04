import type { Endpoints } from '../../../../../api/core/v1/endpoints';
import { newAlreadyExists, newConflict, newForbidden } from '../../../../../api/meta/status-error';
import { buildEndpoints, reconcileEndpoints } from '../../../../../controller-manager/controllers/endpoints/reconcile';
import { TriggerTimeTracker } from '../../../../../controller-manager/controllers/endpoints/trigger-time';
import { listerOf, pod, service, stored } from '../../../../support/controller-objects';

const web = service();
const resource = { group: '', resource: 'endpoints' };

/** What becomes of one reconciliation whose write ends so. */
async function reconcile(failure: Error, current?: Endpoints) {
  const events: string[] = [];
  const write = () => Promise.reject(failure);
  const run = reconcileEndpoints(
    {
      client: { create: write, update: write } as never,
      recorder: { event: (_object, _type, reason) => void events.push(reason) },
      triggerTimes: new TriggerTimeTracker(),
      serviceLister: listerOf([web]),
      podLister: listerOf([pod({ ip: '10.1.0.1', readyAt: 0 })]),
      endpointsLister: listerOf(current ? [stored(current)] : []),
    },
    `${web.metadata.namespace}/${web.metadata.name}`,
  );
  const result = await run.catch(() => 'failed');
  return { result, events };
}

describe('reconcileEndpoints', () => {
  const before = buildEndpoints(web, [], undefined, undefined);
  const soon = { requeueAfterMs: 1000 };

  it.each([
    ['has made them', newAlreadyExists(resource, 'web'), undefined],
    ['has changed them', newConflict(resource, 'web', 'changed'), before],
  ])(
    'looks again, without an event, when its cache does not know yet that somebody %s',
    async (_what, error, current) => {
      expect(await reconcile(error, current)).toEqual({ result: soon, events: [] });
    },
  );

  it('tells of other failures, and fails', async () => {
    const refused = newForbidden(resource, 'web', 'quota');
    expect(await reconcile(refused)).toEqual({ result: 'failed', events: ['FailedToCreateEndpoint'] });
    expect(await reconcile(refused, before)).toEqual({ result: 'failed', events: ['FailedToUpdateEndpoint'] });
  });
});

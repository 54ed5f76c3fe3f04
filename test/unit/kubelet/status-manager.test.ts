/** How the kubelet tells the API about its pods. */
import type { Pod, PodStatus } from '../../../api/core/v1/pod';
import { newNotFound } from '../../../api/meta/status-error';
import type { Stored } from '../../../api/meta/types';
import type { RestClient } from '../../../client/rest-client';
import { createLogger } from '../../../component-base/logger';
import { createStatusManager } from '../../../kubelet/status-manager';
import { createFakeClock, settle } from '../../support/fake-clock';

const pod = (status: PodStatus = {}, metadata: object = {}): Stored<Pod> => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'web',
    namespace: 'default',
    uid: 'u1',
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
    ...metadata,
  },
  spec: { containers: [] },
  status,
});

function setUp() {
  const calls: string[] = [];
  const api: { pod: Stored<Pod> | undefined; error?: Error } = { pod: pod() };
  const client = {
    async patch(_definition: unknown, _name: string, _namespace: string, patch: { status: PodStatus }) {
      calls.push(`patch ${patch.status.phase}`);
      if (api.error) throw api.error;
      await settle();
      api.pod = { ...api.pod!, status: { ...api.pod!.status, ...patch.status } };
      return api.pod;
    },
    async delete() {
      calls.push('delete');
      api.pod = undefined;
    },
  } as unknown as RestClient;
  const clock = createFakeClock();
  const log = createLogger('kubelet');
  log.level = 'silent';
  const statuses = createStatusManager({ client, clock, log, current: () => api.pod });
  return { api, calls, clock, statuses };
}

it('sends the latest status when several change while one is on its way', async () => {
  const { calls, statuses } = setUp();
  statuses.set(pod(), { phase: 'Pending' });
  statuses.set(pod(), { phase: 'Running' });
  statuses.set(pod(), { phase: 'Succeeded' });
  await settle();
  await settle();
  await settle();
  expect(calls).toEqual(['patch Pending', 'patch Succeeded']);
});

it('keeps still about a pod that the API does not know any more', async () => {
  const { api, calls, statuses } = setUp();
  api.pod = undefined;
  statuses.set(pod(), { phase: 'Running' });
  // A loop of promises would never let this turn of the event loop end.
  await settle();
  expect(calls).toEqual([]);
  api.pod = pod();
  statuses.observe('u1');
  await settle();
  expect(calls).toEqual(['patch Running']);
});

it('tries again with growing pauses, and forgets a pod that is gone', async () => {
  const { api, calls, clock, statuses } = setUp();
  api.error = new Error('away');
  statuses.set(pod(), { phase: 'Running' });
  await settle();
  await clock.advance(500);
  expect(calls).toHaveLength(2);
  await clock.advance(999);
  expect(calls).toHaveLength(2);
  api.error = newNotFound({ group: '', resource: 'pods' }, 'web');
  await clock.advance(1);
  expect(calls).toHaveLength(3);
  expect(statuses.get('u1')).toBeUndefined();
});

it('deletes the object of a deleted pod after its last status', async () => {
  const { api, calls, statuses } = setUp();
  api.pod = pod({}, { deletionTimestamp: '2026-01-01T00:00:00Z' });
  statuses.set(pod(), { phase: 'Failed' });
  statuses.finish(pod());
  for (let i = 0; i < 4; i++) await settle();
  expect(calls).toEqual(['patch Failed', 'delete']);
});

import type { PersistentVolume } from '../../../../../api/core/v1/persistentvolume';
import type { Stored } from '../../../../../api/meta/types';
import { createPersistentVolumeHooks } from '../../../../../apiserver/registry/kinds/persistent-volumes';
import { createFakeClock } from '../../../../support/fake-clock';
import { createTestLoopback } from '../../../../support/loopback';
import { formatTime } from '../../../../../component-base/clock';

const loopback = createTestLoopback(createFakeClock());
const context = loopback.contextOf({ name: 'jane', groups: [] });
const hooks = createPersistentVolumeHooks(loopback.clock);
const now = formatTime(loopback.clock.now());
const earlier = '2020-01-01T00:00:00Z';
const volume = (phase: string, lastPhaseTransitionTime?: string): Stored<PersistentVolume> => ({
  metadata: { name: 'v', uid: 'u', resourceVersion: '1', creationTimestamp: earlier },
  status: { phase, ...(lastPhaseTransitionTime && { lastPhaseTransitionTime }) },
});

it('begins with the phase of a new volume', async () => {
  const fresh = volume('Pending');
  await hooks.beginCreate!(context, fresh);
  expect(fresh.status).toEqual({ phase: 'Pending', lastPhaseTransitionTime: now });
});

it.each<[string, Stored<PersistentVolume>, string]>([
  ['keeps the time while the phase stays', volume('Pending'), earlier],
  ['takes the time of a new phase', volume('Bound', earlier), now],
  ['takes the time of a new phase that says none', volume('Bound'), now],
  ['believes who says when', volume('Bound', '2021-01-01T00:00:00Z'), '2021-01-01T00:00:00Z'],
])('%s', async (_, changed, expected) => {
  await hooks.beginUpdate!(context, changed, volume('Pending', earlier));
  expect(changed.status?.lastPhaseTransitionTime).toBe(expected);
});

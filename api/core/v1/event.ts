/** Event, stored in its core form. */
import type { CoreV1Event } from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { defineResource } from '../../meta/resource-definition';
import type { Wire } from '../../meta/types';

export interface Event extends Wire<CoreV1Event> {}

export const events = defineResource<Event>({
  group: '',
  version: 'v1',
  kind: 'Event',
  names: { plural: 'events', singular: 'event', shortNames: ['ev'] },
  scope: 'Namespaced',
  ttlSeconds: 3600,
});

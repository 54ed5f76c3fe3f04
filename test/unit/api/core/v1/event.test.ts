import { type Event, events, fromEventsV1, toEventsV1 } from '../../../../../api/core/v1/event';
import { formatFieldError } from '../../../../../api/meta/field-error';

const event: Event = {
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: 'e', namespace: 'n' },
  involvedObject: { kind: 'Pod', name: 'p', namespace: 'n' },
  reason: 'Started',
  message: ' Started container c ',
  type: 'Normal',
  source: { component: 'kubelet', host: 'node' },
  firstTimestamp: '2026-01-01T00:00:00Z',
  lastTimestamp: '2026-01-01T00:01:00Z',
  count: 2,
  reportingComponent: 'kubelet',
  reportingInstance: 'node',
};

it('is served in events.k8s.io under its newer names, and back', () => {
  const served = toEventsV1(event);
  expect(served).toMatchObject({
    apiVersion: 'events.k8s.io/v1',
    regarding: event.involvedObject,
    note: event.message,
    reportingController: 'kubelet',
    deprecatedSource: event.source,
    deprecatedCount: 2,
  });
  expect(served).not.toHaveProperty('involvedObject');
  expect(fromEventsV1(served)).toEqual({ ...event, eventTime: null });
});

it('prints the same row in both versions', () => {
  const now = Date.parse('2026-01-01T00:02:00Z');
  const row = events.columns?.map(({ value }) => value(event, now));
  expect(row).toEqual(['60s', 'Normal', 'Started', 'pod/p', '', 'kubelet, node', 'Started container c', '2m', 2, 'e']);
  expect(events.servedVersions?.[0]?.columns?.map(({ value }) => value(toEventsV1(event), now))).toEqual(row);
});

it('must be where its object is', () => {
  const elsewhere = { ...event, metadata: { name: 'e', namespace: 'other' } };
  expect(events.validate?.(elsewhere).map((error) => formatFieldError(error))).toEqual([
    'involvedObject.namespace: Invalid value: "n": does not match event.namespace',
  ]);
});

const precise: Event = { ...event, eventTime: '2026-01-01T00:00:00.000000Z', action: 'Starting' };
const messagesOf = (changes: object): string[] | undefined =>
  events.validate?.({ ...precise, ...changes }).map((error) => formatFieldError(error));

it.each<[string, object, string[]]>([
  ['says everything', {}, []],
  ['is of the cluster in kube-system', { metadata: { name: 'e', namespace: 'kube-system' }, involvedObject: {} }, []],
  [
    'says nothing',
    { reportingComponent: '', reportingInstance: '', action: '', reason: '' },
    ['reportingComponent', 'reportingInstance', 'action', 'reason'].map((field) => `${field}: Required value`),
  ],
  [
    'says too much',
    { action: 'a'.repeat(129), message: 'a'.repeat(1025) },
    [
      'action: Invalid value: "": can have at most 128 characters',
      'message: Invalid value: "": can have at most 1024 characters',
    ],
  ],
])('an event with a precise time that %s', (_, changes, expected) => {
  expect(messagesOf(changes)).toEqual(expected);
});

it('is in the default namespace without a precise time, when its object has none', () => {
  const inSystem = { ...event, metadata: { name: 'e', namespace: 'kube-system' }, involvedObject: {} };
  expect(events.validate?.(inSystem)).toHaveLength(1);
});

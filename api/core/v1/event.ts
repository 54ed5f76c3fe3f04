/** Event, stored in its core form and served as events.k8s.io/v1 too, for an hour. */
import type { CoreV1Event, EventsV1Event } from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { nameColumn, textColumn, translateTimestampSince, wide } from '../../meta/columns';
import { at, requiredAnd } from '../../meta/field-checks';
import { type FieldError, invalid, required } from '../../meta/field-error';
import { isQualifiedName } from '../../meta/names';
import { defineResource, type TableColumn } from '../../meta/resource-definition';
import type { KubeObject, Wire } from '../../meta/types';

const maxWordLength = 128;
const maxMessageLength = 1024;

export interface Event extends Wire<CoreV1Event> {}
/** The same object as events.k8s.io/v1 shows it. */
export interface NewEvent extends Wire<EventsV1Event> {}

/** To events.k8s.io/v1: old fields get the prefix `deprecated`, others get better names. */
export function toEventsV1(event: Event): NewEvent {
  const { involvedObject, message, source, firstTimestamp, lastTimestamp, count, reportingComponent, ...rest } = event;
  return dropUndefined({
    ...rest,
    apiVersion: 'events.k8s.io/v1',
    eventTime: event.eventTime ?? null,
    reportingController: reportingComponent ?? '',
    regarding: involvedObject,
    note: message,
    deprecatedSource: source,
    deprecatedFirstTimestamp: firstTimestamp,
    deprecatedLastTimestamp: lastTimestamp,
    deprecatedCount: count,
  }) as unknown as NewEvent;
}

export function fromEventsV1(event: NewEvent): Event {
  const {
    regarding,
    note,
    reportingController,
    deprecatedSource,
    deprecatedFirstTimestamp,
    deprecatedLastTimestamp,
    deprecatedCount,
    ...rest
  } = event;
  return dropUndefined({
    ...rest,
    apiVersion: 'v1',
    involvedObject: regarding ?? {},
    message: note,
    reportingComponent: reportingController,
    source: deprecatedSource,
    firstTimestamp: deprecatedFirstTimestamp,
    lastTimestamp: deprecatedLastTimestamp,
    count: deprecatedCount,
  }) as unknown as Event;
}

const dropUndefined = (object: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));

/** An event is where its object is; those of cluster-scoped objects are in `default`. */
function validateNamespace({ metadata, involvedObject, eventTime }: Event): FieldError[] {
  const namespace = involvedObject?.namespace ?? '';
  const own = metadata?.namespace ?? '';
  const fine = namespace ? namespace === own : ['', 'default', ...(eventTime ? ['kube-system'] : [])].includes(own);
  return fine ? [] : [invalid(at('involvedObject', 'namespace'), namespace, 'does not match event.namespace')];
}

const limited = (field: string, value: string | undefined, limit: number): FieldError[] =>
  (value ?? '').length > limit ? [invalid(at(field), '', `can have at most ${limit} characters`)] : [];

/** Events with `eventTime` say who reports what. Upstream: legacyValidateEvent in `pkg/apis/core/validation/events.go`. */
function validate(event: Event): FieldError[] {
  const errors = validateNamespace(event);
  if (!event.eventTime) return errors;
  const { reportingComponent, reportingInstance, action, reason, message } = event;
  const component = at('reportingComponent');
  return [
    ...errors,
    ...requiredAnd(component, reportingComponent, isQualifiedName),
    ...(reportingInstance ? [] : [required(at('reportingInstance'))]),
    ...limited('reportingInstance', reportingInstance, maxWordLength),
    ...(action ? [] : [required(at('action'))]),
    ...limited('action', action, maxWordLength),
    ...(reason ? [] : [required(at('reason'))]),
    ...limited('reason', reason, maxWordLength),
    ...limited('message', message, maxMessageLength),
  ];
}

const firstSeen = ({ firstTimestamp, eventTime }: Event, now: number): string =>
  translateTimestampSince(firstTimestamp ?? eventTime, now);

const lastSeen = (event: Event, now: number): string => {
  const seen = event.series ? event.series.lastObservedTime : event.lastTimestamp;
  return seen || event.series ? translateTimestampSince(seen, now) : firstSeen(event, now);
};

function formatObject({ involvedObject }: Event): string {
  const kind = (involvedObject?.kind ?? '').toLowerCase();
  return involvedObject?.name ? `${kind}/${involvedObject.name}` : kind;
}

function formatSource({ source, reportingComponent, reportingInstance }: Event): string {
  const component = source?.component || reportingComponent || '';
  const host = source?.host || reportingInstance || '';
  return host ? `${component}, ${host}` : component;
}

const eventColumns: TableColumn<Event>[] = [
  textColumn('Last Seen', 'The time at which the most recent occurrence of this event was recorded.', lastSeen),
  textColumn(
    'Type',
    'Type of this event (Normal, Warning), new types could be added in the future',
    ({ type }) => type ?? '',
  ),
  textColumn(
    'Reason',
    "This should be a short, machine understandable string that gives the reason for the transition into the object's current status.",
    ({ reason }) => reason ?? '',
  ),
  textColumn('Object', 'The object that this event is about.', formatObject),
  wide(
    textColumn(
      'Subobject',
      'If referring to a piece of an object instead of an entire object, this string should contain a valid JSON/Go field access statement.',
      ({ involvedObject }) => involvedObject?.fieldPath ?? '',
    ),
  ),
  wide(
    textColumn(
      'Source',
      'The component reporting this event. Should be a short machine understandable string.',
      formatSource,
    ),
  ),
  textColumn('Message', 'A human-readable description of the status of this operation.', ({ message }) =>
    (message ?? '').trim(),
  ),
  wide(
    textColumn(
      'First Seen',
      'The time at which the event was first recorded. (Time of server receipt is in TypeMeta.)',
      firstSeen,
    ),
  ),
  wide({
    name: 'Count',
    type: 'string',
    description: 'The number of times this event has occurred.',
    value: ({ series, count }) => (series ? (series.count ?? 0) : count || 1),
  }),
  wide(nameColumn),
];

const selectableObject = (prefix: string): Record<string, (event: Event) => string> =>
  Object.fromEntries(
    (['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'] as const).map((field) => [
      `${prefix}.${field}`,
      ({ involvedObject }: Event) => involvedObject?.[field] ?? '',
    ]),
  );

export const events = defineResource<Event>({
  group: '',
  version: 'v1',
  kind: 'Event',
  names: { plural: 'events', singular: 'event', shortNames: ['ev'] },
  scope: 'Namespaced',
  defaults(event) {
    // Go prints these even when they are empty.
    event.source ??= {};
    event.reportingComponent ??= '';
    event.reportingInstance ??= '';
  },
  validate,
  validateUpdate: validate,
  ttlSeconds: 3600,
  allowCreateOnUpdate: true,
  selectableFields: {
    ...selectableObject('involvedObject'),
    // The names of events.k8s.io; upstream accepts them in that version alone.
    ...selectableObject('regarding'),
    reportingController: ({ reportingComponent }) => reportingComponent ?? '',
    reason: ({ reason }) => reason ?? '',
    reportingComponent: ({ reportingComponent, source }) => reportingComponent || source?.component || '',
    source: ({ source, reportingComponent }) => source?.component || reportingComponent || '',
    type: ({ type }) => type ?? '',
  },
  columns: eventColumns,
  servedVersions: [
    {
      group: 'events.k8s.io',
      version: 'v1',
      schema: 'io.k8s.api.events.v1.Event',
      encode: toEventsV1,
      decode: (event: KubeObject) => fromEventsV1(event as NewEvent),
      columns: eventColumns.map((column) => ({
        ...column,
        value: (event: KubeObject, now: number) => column.value(fromEventsV1(event as NewEvent), now),
      })),
    },
  ],
});

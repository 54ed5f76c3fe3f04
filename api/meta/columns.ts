/**
 * What the tables of all kinds share: the Name and Age columns and how ages print. Upstream:
 * `pkg/printers/internalversion/printers.go` and apimachinery `pkg/util/duration`.
 */
import type { TableColumn } from './resource-definition';
import type { KubeObject } from './types';

const second = 1000;

/** "45s", "3m12s", "5h20m", "2d4h", "37d", "2y18d": at most two units, fewer as the duration grows. */
export function humanDuration(durationMs: number): string {
  // Go truncates towards zero; a clock that is two or more seconds behind shows as invalid.
  const seconds = Math.trunc(durationMs / second);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 60 * 2) return `${seconds}s`;
  const minutes = Math.trunc(seconds / 60);
  if (minutes < 10) return withRest(minutes, 'm', seconds % 60, 's');
  if (minutes < 60 * 3) return `${minutes}m`;
  const hours = Math.trunc(minutes / 60);
  if (hours < 8) return withRest(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  const days = Math.trunc(hours / 24);
  if (hours < 24 * 8) return withRest(days, 'd', hours % 24, 'h');
  if (hours < 24 * 365 * 2) return `${days}d`;
  const years = Math.trunc(hours / 24 / 365);
  if (hours < 24 * 365 * 8) return withRest(years, 'y', days % 365, 'd');
  return `${years}y`;
}

const withRest = (value: number, unit: string, rest: number, restUnit: string): string =>
  rest === 0 ? `${value}${unit}` : `${value}${unit}${rest}${restUnit}`;

/** How long before `now` (milliseconds) the timestamp was; "<unknown>" without one. */
export function translateTimestampSince(timestamp: string | undefined | null, now: number): string {
  const at = timestamp ? Date.parse(timestamp) : Number.NaN;
  return Number.isNaN(at) ? '<unknown>' : humanDuration(now - at);
}

/** Labels as "key=value,…", sorted; "<none>" when there are none. */
export function formatLabels(labels: Record<string, string> | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return pairs.length ? pairs.sort().join(',') : '<none>';
}

/** A string column; most columns are. */
export const textColumn = <T extends KubeObject>(
  name: string,
  description: string,
  value: (object: T, now: number) => string,
): TableColumn<T> => ({ name, type: 'string', description, value });

/** An integer column; what is not set counts as 0. */
export const integerColumn = <T extends KubeObject>(
  name: string,
  description: string,
  value: (object: T) => number | undefined,
): TableColumn<T> => ({ name, type: 'integer', description, value: (object) => value(object) ?? 0 });

/** A column that only `-o wide` prints. */
export const wide = <T extends KubeObject>(column: TableColumn<T>): TableColumn<T> => ({ ...column, priority: 1 });

const metadataDescription =
  'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names';

const creationDescription =
  'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata';

export const nameColumn: TableColumn = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: metadataDescription,
  value: (object) => object.metadata?.name ?? '',
};

export const ageColumn: TableColumn = {
  name: 'Age',
  type: 'string',
  description: creationDescription,
  value: (object, now) => translateTimestampSince(object.metadata?.creationTimestamp, now),
};

/** Upstream's default table: its second column is a date, which kubectl prints as "CREATED AT". */
const defaultColumns: TableColumn[] = [
  nameColumn,
  {
    name: 'Created At',
    type: 'date',
    description: creationDescription,
    value: (object) => object.metadata?.creationTimestamp ?? '',
  },
];

/** The columns of a kind, with upstream's default for kinds that have none of their own. */
export const columnsOf = (definition: { columns?: TableColumn[] }): TableColumn[] =>
  definition.columns ?? defaultColumns;

/** Table columns of custom resources. Upstream: apiextensions-apiserver `registry/customresource/tableconvertor`. */
import { nameColumn, translateTimestampSince } from '../../api/meta/columns';
import type { TableColumn } from '../../api/meta/resource-definition';
import { type JsonPath, parseJsonPath } from './json-path';

export interface PrinterColumn {
  name: string;
  type: string;
  format?: string;
  description?: string;
  priority?: number;
  jsonPath: string;
}

type Cell = ReturnType<TableColumn['value']>;

const ageColumn: PrinterColumn = {
  name: 'Age',
  type: 'date',
  description:
    'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata',
  jsonPath: '.metadata.creationTimestamp',
};

/** The name, then what the version prints; the age where it says nothing. A path that does not parse leaves its cells empty. */
export const columnsOfVersion = (columns: readonly PrinterColumn[] | undefined): TableColumn[] => [
  nameColumn,
  ...(columns?.length ? columns : [ageColumn]).map(columnOf),
];

function columnOf({ name, type, format, description, priority, jsonPath }: PrinterColumn): TableColumn {
  const path = tryParse(jsonPath);
  return {
    name,
    type: type as TableColumn['type'],
    ...(format && { format: format as NonNullable<TableColumn['format']> }),
    description: description || `Custom resource definition column (in JSONPath format): ${jsonPath}`,
    ...(priority && { priority: priority as 1 }),
    value(object, now) {
      const [value] = path?.find(object) ?? [];
      return cellOf(type, value, now);
    },
  };
}

function tryParse(text: string): JsonPath | undefined {
  try {
    return parseJsonPath(text);
  } catch {
    return undefined;
  }
}

function cellOf(type: string, value: unknown, now: number): Cell {
  if (value === undefined) return null;
  switch (type) {
    case 'string':
      return printed(value);
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      return typeof value === 'string' ? age(value, now) : null;
    default:
      return null;
  }
}

/** As client-go prints one result: JSON for lists and objects. */
const printed = (value: unknown): string =>
  value === null ? '<nil>' : typeof value === 'object' ? JSON.stringify(value) : String(value);

const age = (timestamp: string, now: number): string =>
  Number.isNaN(Date.parse(timestamp)) ? '<invalid>' : translateTimestampSince(timestamp, now);

/** Tables and bare metadata: what `kubectl get` asks for instead of whole objects. Upstream: `handlers/response.go`. */
import type { TableColumn } from '../../api/meta/resource-definition';
import { newBadRequest } from '../../api/meta/status-error';
import type { KubeObject, ListMeta } from '../../api/meta/types';

export type IncludeObject = 'None' | 'Metadata' | 'Object';

export interface TableOptions {
  version: 'v1' | 'v1beta1';
  includeObject: IncludeObject;
  now: number;
}

/** Throws BadRequest for another value, as upstream's ValidateTableOptions. Only tables have this option. */
export function parseIncludeObject(query: URLSearchParams): IncludeObject {
  const value = query.get('includeObject') || 'Metadata';
  if (value === 'None' || value === 'Metadata' || value === 'Object') return value;
  throw newBadRequest(
    `Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(value)}: ` +
      "must be 'Metadata', 'Object', 'None', or empty",
  );
}

export interface TableRow {
  cells: (string | number | boolean | null)[];
  object?: unknown;
}

/** One row. `object` is of the served version. */
export function rowOf(columns: readonly TableColumn[], object: KubeObject, options: TableOptions): TableRow {
  const cells = columns.map((column) => column.value(object, options.now));
  if (options.includeObject === 'None') return { cells, object: null };
  return { cells, object: options.includeObject === 'Object' ? object : partialMetadata(object, options.version) };
}

/** `columns` undefined leaves the definitions out, as in all but the first event of a watch. */
export const tableOf = (
  columns: readonly TableColumn[] | undefined,
  rows: readonly TableRow[],
  metadata: ListMeta,
  version: 'v1' | 'v1beta1',
): object => ({
  kind: 'Table',
  apiVersion: `meta.k8s.io/${version}`,
  metadata,
  columnDefinitions:
    columns?.map(({ name, type, format = '', description, priority = 0 }) => ({
      name,
      type,
      format,
      description,
      priority,
    })) ?? null,
  rows,
});

export const partialMetadata = ({ metadata }: KubeObject, version: 'v1' | 'v1beta1'): object => ({
  kind: 'PartialObjectMetadata',
  apiVersion: `meta.k8s.io/${version}`,
  metadata,
});

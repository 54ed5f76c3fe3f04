/** The config maps that a run is about, and what their JSON says of them. */
import type { SeenEvent, StoredChange } from './history';

export const namespace = 'consistency';
export const collection = `/api/v1/namespaces/${namespace}/configmaps`;
/** The slow watcher's, so that only it has to read so much. */
export const bulkNamespace = 'consistency-bulk';
export const storedPrefix = `/registry/core/configmaps/${namespace}/`;
export const sides = ['left', 'right'] as const;

export const configMap = (name: string, id: string, side: string, data: Record<string, string> = {}): object => ({
  metadata: { name, labels: { side } },
  data: { id, ...data },
});

export const selectorQuery = (side: string | undefined): string => (side ? `labelSelector=side%3D${side}` : '');

export const revisionOf = (object: any): number => Number(object.metadata.resourceVersion);

export const itemOf = (object: any): { key: string; revision: number; id: string } => ({
  key: object.metadata.name as string,
  revision: revisionOf(object),
  id: object.data?.id as string,
});

export function seenEventOf(type: string, object: any): SeenEvent {
  if (type === 'BOOKMARK') return { type, key: '', revision: revisionOf(object) };
  return { type: type as SeenEvent['type'], ...itemOf(object) };
}

/** What etcd holds, as a change. */
export function storedChangeOf(key: string, revision: number, value: Buffer | undefined): StoredChange {
  const name = key.slice(storedPrefix.length);
  if (!value) return { revision, key: name, type: 'delete' };
  const object: any = JSON.parse(value.toString());
  const { id, count } = object.data ?? {};
  return {
    revision,
    key: name,
    type: 'put',
    id,
    side: object.metadata.labels?.side,
    ...(count !== undefined && { count: Number(count) }),
  };
}

import type { KubeObject, Stored } from '../api/meta/types';

/** Of the same object, the one the API wrote last: a watch may be behind the answer to a write of our own. */
export function newer<T extends KubeObject>(watched: Stored<T>, answered: Stored<T> | undefined): Stored<T> {
  if (answered?.metadata.uid !== watched.metadata.uid) return watched;
  const ahead = Number(answered.metadata.resourceVersion) > Number(watched.metadata.resourceVersion);
  return ahead ? answered : watched;
}

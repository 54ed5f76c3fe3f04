import type { KubeObject, Stored } from '../../api/meta/types';

/** Of several defaults the one made last holds; of those made in the same second, the first by name. */
export const newestOf = <T extends KubeObject>(objects: readonly Stored<T>[]): Stored<T> | undefined =>
  [...objects].sort((a, b) => {
    const [first, second] = [Date.parse(a.metadata.creationTimestamp), Date.parse(b.metadata.creationTimestamp)];
    return second - first || (a.metadata.name < b.metadata.name ? -1 : 1);
  })[0];

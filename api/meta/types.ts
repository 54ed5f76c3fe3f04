/**
 * The shapes every object shares. Kinds take their fields from `@kubernetes/client-node`, whose models are not wire
 * types: dates are `Date`, and names that are reserved words or contain dashes are renamed. `Wire` undoes both.
 */
import type { V1LabelSelector, V1ListMeta, V1ObjectMeta, V1OwnerReference } from '@kubernetes/client-node' with {
  'resolution-mode': 'import',
};

type DashesFor<K extends string> = K extends `${infer Head}_${infer Tail}` ? `${Head}-${DashesFor<Tail>}` : K;

type WireName<K> = K extends `_${infer Name}` ? Name : K extends `x_${string}` ? DashesFor<K> : K;

/** The JSON form of a client-node model: dates are RFC 3339 strings, field names are those of the wire. */
export type Wire<T> = T extends Date
  ? string
  : T extends (infer Item)[]
    ? Wire<Item>[]
    : T extends object
      ? { [K in keyof T as WireName<K>]: Wire<T[K]> }
      : T;

export type IntOrString = number | string;

export interface ObjectMeta extends Wire<V1ObjectMeta> {}
export interface ListMeta extends Wire<V1ListMeta> {}
export interface LabelSelector extends Wire<V1LabelSelector> {}
export interface OwnerReference extends Wire<V1OwnerReference> {}

/** What every API object has, whatever its kind. */
export interface KubeObject {
  apiVersion?: string;
  kind?: string;
  metadata?: ObjectMeta;
}

/** The metadata of an object that came from the API server. */
export interface StoredMeta extends ObjectMeta {
  name: string;
  uid: string;
  resourceVersion: string;
  creationTimestamp: string;
}

/** An object that came from the API server: its name, uid and resourceVersion are there. */
export type Stored<T extends KubeObject> = T & { metadata: StoredMeta };

/** A list as the API server answers it. */
export interface KubeList<T extends KubeObject> {
  apiVersion?: string;
  kind?: string;
  metadata: ListMeta;
  items: T[];
}

export type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';

/** One event of a watch. ERROR carries a Status in `object`. */
export interface WatchEvent<T = KubeObject> {
  type: WatchEventType;
  object: T;
}

/** `metadata.namespace/metadata.name`, or the bare name of a cluster-scoped object: the key that queues carry. */
export function keyOf(object: KubeObject): string {
  const { namespace, name = '' } = object.metadata ?? {};
  return namespace ? `${namespace}/${name}` : name;
}

/** The parts of a key made by `keyOf`. `namespace` is undefined for a cluster-scoped object. */
export function splitKey(key: string): { namespace: string | undefined; name: string } {
  const slash = key.indexOf('/');
  return slash < 0
    ? { namespace: undefined, name: key }
    : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** What goes to etcd and comes from it, in the terms of this folder: keys as text, revisions as numbers. */

export interface KeyValue {
  key: string;
  value: Buffer;
  /** The mod revision. */
  revision: number;
}

export interface RangeRequest {
  start: string;
  /** Exclusive; without it, only the key `start`. */
  end?: string;
  limit?: number;
  /** 0 or nothing: the current one. */
  revision?: number;
  countOnly?: boolean;
}

export interface RangeResult {
  kvs: KeyValue[];
  /** All keys in the range, whatever the limit. */
  count: number;
  more: boolean;
  /** etcd's current revision. */
  revision: number;
}

export interface WriteResult {
  succeeded: boolean;
  revision: number;
  /** What is there instead, when the guard failed. */
  current?: KeyValue;
}

export interface EtcdEvent extends KeyValue {
  type: 'put' | 'delete';
}

export interface WatchStreamHandlers {
  /** The watch stands; `revision` is etcd's current one. */
  created(revision: number): void;
  /** In order; all events of one revision come together. */
  events(events: EtcdEvent[]): void;
  /** The start revision is gone; the stream is over. */
  compacted(): void;
  /** The stream broke or was refused. Called once, and not after `compacted`. */
  closed(error: Error): void;
}

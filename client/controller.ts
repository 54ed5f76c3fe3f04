/** The control loop every controller shares: cache sync, workers, rate-limited retry, metrics, shutdown. */
import type { PolicyRule } from '../api/rbac/v1/types';
import type { ResourceDefinition } from '../api/meta/resource-definition';
import type { KubeObject, Stored } from '../api/meta/types';
import type { Clock } from '../component-base/clock';
import type { Logger } from '../component-base/logger';
import type { EventRecorder } from './event-recorder';
import type { InformerFactory, InformerScope } from './informer';
import type { RestClient } from './rest-client';

/** What every controller gets. */
export interface ControllerDeps {
  client: RestClient;
  informers: InformerFactory;
  recorder: EventRecorder;
  clock: Clock;
  log: Logger;
}

/** Maps a change of a watched object to the keys to reconcile. Handlers only give keys: they never see the cache. */
export type Enqueue<T extends KubeObject, D> = (object: Stored<T>, old: Stored<T> | undefined, deps: D) => Iterable<string>;

/** One kind that a controller follows. */
export interface Watch<D = any> {
  definition: ResourceDefinition;
  enqueue: Enqueue<any, D>;
  scope?: InformerScope;
}

/** Thrown errors mean retry with back-off; `requeueAfterMs` means look again later; nothing means done. */
export type ReconcileResult = { requeueAfterMs: number } | void;

export interface Reconciler {
  reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult>;
  /** Work beside the queue (a periodic monitor), until the signal aborts. */
  run?(signal: AbortSignal): Promise<void>;
}

export interface ControllerDefinition<D extends ControllerDeps = any> {
  /** Upstream's name: `replicaset-controller`. Also its service account and the reporter of its events. */
  name: string;
  /** Keys reconciled at a time; one key is never reconciled twice at once. */
  workers: number;
  watches: Watch<D>[];
  /** RBAC rules of its bootstrap role. */
  permissions: PolicyRule[];
  /** Called before the informers start: ask for listers and add indexes here. */
  create(deps: D & { enqueue(key: string, afterMs?: number): void }): Reconciler;
}

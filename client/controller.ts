/** The control loop every controller shares: cache sync, workers, rate-limited retry, metrics, shutdown. */
import { getControllerOf } from '../api/meta/controller-ref';
import type { PolicyRule } from '../api/rbac/v1/types';
import type { ResourceDefinition, Scope } from '../api/meta/resource-definition';
import { isConflict } from '../api/meta/status-error';
import { keyOf, type KubeObject, type Stored } from '../api/meta/types';
import type { Clock } from '../component-base/clock';
import type { Logger } from '../component-base/logger';
import type { Metrics } from '../component-base/metrics';
import type { EventRecorder } from './event-recorder';
import type { InformerFactory, InformerScope } from './informer';
import type { RestClient } from './rest-client';
import { WorkQueue } from './work-queue';

/** What every controller gets. */
export interface ControllerDeps {
  client: RestClient;
  informers: InformerFactory;
  recorder: EventRecorder;
  clock: Clock;
  log: Logger;
  metrics?: Metrics;
}

/** Maps a change of a watched object to the keys to reconcile. Handlers only give keys: they never see the cache. */
export type Enqueue<T extends KubeObject, D> = (
  object: Stored<T>,
  old: Stored<T> | undefined,
  deps: D,
) => Iterable<string>;

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

/** Keeps the type of the dependencies. */
export const defineController = <D extends ControllerDeps>(
  definition: ControllerDefinition<D>,
): ControllerDefinition<D> => definition;

/** A kind to follow and what its changes mean. */
export const watch = <T extends KubeObject, D extends ControllerDeps = ControllerDeps>(
  definition: ResourceDefinition<T>,
  enqueue: Enqueue<T, D>,
  scope?: InformerScope,
): Watch<D> => ({ definition, enqueue, ...(scope && { scope }) });

/** The changed object itself is to be reconciled. */
export const enqueueSelf = (object: KubeObject): string[] => [keyOf(object)];

/** The object's controller is to be reconciled, if it is of this kind; after a change of controllers both are. */
export const enqueueOwner =
  (kind: string, scope: Scope = 'Namespaced') =>
  (object: KubeObject, old?: KubeObject): string[] => {
    const keys = [old, object].flatMap((each) => {
      const owner = each && getControllerOf(each);
      if (owner?.kind !== kind) return [];
      const namespace = scope === 'Namespaced' ? each?.metadata?.namespace : undefined;
      return [namespace ? `${namespace}/${owner.name}` : owner.name];
    });
    return [...new Set(keys)];
  };

/**
 * Runs a controller until the signal aborts; resolves when its last worker is done. The informers it needs are started, and
 * are synced before the first key is reconciled.
 */
export async function runController<D extends ControllerDeps>(
  definition: ControllerDefinition<D>,
  deps: D,
  signal: AbortSignal,
): Promise<void> {
  const log = deps.log.child({ controller: definition.name });
  const queue = new WorkQueue({
    clock: deps.clock,
    name: definition.name,
    ...(deps.metrics && { metrics: deps.metrics }),
  });
  const own: D = { ...deps, log };
  const reconciler = definition.create({ ...own, enqueue: (key, afterMs = 0) => queue.addAfter(key, afterMs) });
  const informers = definition.watches.map((watched) => {
    const informer = deps.informers.informer(watched.definition, watched.scope);
    const enqueue = (object: Stored<KubeObject>, old?: Stored<KubeObject>): void => {
      for (const key of watched.enqueue(object, old, own)) queue.add(key);
    };
    informer.addEventHandler({ add: enqueue, update: enqueue, delete: enqueue });
    return informer;
  });
  const onAbort = (): void => queue.shutDown();
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  deps.informers.start(signal);
  try {
    // Also informers that `create` asked for only to read them.
    await deps.informers.waitForSync(signal);
  } catch (error) {
    if (signal.aborted) return;
    throw error;
  }
  log.debug({ watches: informers.length, workers: definition.workers }, 'Starting controller');
  const workers = Array.from({ length: definition.workers }, () => work(queue, reconciler, log, signal));
  const beside = reconciler.run?.(signal).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  await Promise.all([...workers, beside]);
}

/** One worker: takes keys until the queue is shut down. After the abort it drops what waits. */
async function work(queue: WorkQueue, reconciler: Reconciler, log: Logger, signal: AbortSignal): Promise<void> {
  for (let key = await queue.get(); key !== undefined; key = await queue.get()) {
    if (signal.aborted) {
      queue.done(key);
      continue;
    }
    try {
      const result = await reconciler.reconcile(key, signal);
      queue.forget(key);
      if (result) queue.addAfter(key, result.requeueAfterMs);
    } catch (error) {
      if (signal.aborted) continue;
      // A conflict only means that the cache was behind: the retry reads what is there now.
      if (isConflict(error)) log.debug({ err: error, key }, 'Conflict, reconciling again');
      else log.error({ err: error, key, retries: queue.numRequeues(key) }, 'Reconcile failed');
      queue.addRateLimited(key);
    } finally {
      queue.done(key);
    }
  }
}

/**
 * The API server's access to its own objects, in process: what upstream does with a loopback client and shared informers.
 * Authentication, authorization, admission and kind hooks are built before the stores they read (the stores call them), so
 * this is made first and attached to the stores once they exist.
 */
import { setMaxListeners } from 'node:events';
import type { ResourceDefinition } from '../../api/meta/resource-definition';
import type { KubeObject } from '../../api/meta/types';
import type { Clock } from '../../component-base/clock';
import type { Logger } from '../../component-base/logger';
import type { RequestContext } from '../request-context';
import { blankRequestInfo } from '../request-info';
import type { Storage } from '../storage/storage';
import type { Stores } from './store';
import { createView, type View } from './view';

export interface StorageAccess {
  stores: Stores;
  /** The storage below a store, for writes that bypass its strategy (binding, eviction, ranges). */
  storageOf<T extends KubeObject>(definition: ResourceDefinition<T>): Storage<T>;
}

export interface Loopback extends StorageAccess {
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** The server's own identity: user system:apiserver of group system:masters. */
  readonly context: RequestContext;
  /** A local, indexed copy of a kind; one per definition. Views asked for after `start` start at once. */
  view<T extends KubeObject>(definition: ResourceDefinition<T>): View<T>;
  /** Gives access to the stores; to be called once. */
  attach(access: StorageAccess): void;
  /** Starts following all views asked for. */
  start(): void;
  waitForSync(signal?: AbortSignal): Promise<void>;
}

export const loopbackUser = { name: 'system:apiserver', groups: ['system:masters', 'system:authenticated'] };

export function createLoopback(deps: { clock: Clock; log: Logger; signal: AbortSignal }): Loopback {
  const { clock, log, signal } = deps;
  // Every view and controller listens for the end.
  setMaxListeners(0, signal);
  const views = new Map<ResourceDefinition, View<any>>();
  let access: StorageAccess | undefined;
  let started = false;
  const attached = (): StorageAccess => {
    if (!access) throw new Error('the loopback is not attached to the stores yet');
    return access;
  };
  const startView = (view: View<any>): void => view.start({ stores: attached().stores, context, clock, log, signal });
  const context: RequestContext = {
    user: loopbackUser,
    info: { ...blankRequestInfo(), isResourceRequest: true },
    userAgent: 'kube-apiserver',
    dryRun: false,
    signal,
    warn: () => undefined,
    log,
  };
  return {
    clock,
    log,
    signal,
    context,
    get stores() {
      return attached().stores;
    },
    storageOf: (definition) => attached().storageOf(definition),
    view(definition) {
      let view = views.get(definition);
      if (!view) {
        view = createView(definition);
        views.set(definition, view);
        if (started) startView(view);
      }
      return view;
    },
    attach(given) {
      access = given;
    },
    start() {
      started = true;
      for (const view of views.values()) startView(view);
    },
    async waitForSync(waitSignal) {
      await Promise.all([...views.values()].map((view) => view.waitForSync(waitSignal)));
    },
  };
}

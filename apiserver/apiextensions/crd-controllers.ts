/**
 * What an API server does with CustomResourceDefinitions besides serving them: it decides on their names, and empties those
 * that are deleted. Every API server does this; they come to the same, and the writes are guarded. Upstream:
 * apiextensions-apiserver `pkg/controller/{status,establish,apiapproval,finalizer}`.
 */
import {
  type CustomResourceDefinition,
  customResourceDefinitions,
} from '../../api/apiextensions/v1/customresourcedefinition';
import { isNotFound } from '../../api/meta/status-error';
import type { Stored } from '../../api/meta/types';
import { formatTime } from '../../component-base/clock';
import type { ApiServerController } from '../controllers/controller';
import type { Loopback } from '../registry/loopback';
import { cleanupFinalizer } from './crd-hooks';
import { finalizeCrd } from './finalize-crd';
import { planStatus } from './plan-status';
import type { CustomResources } from './serving';

const retryMs = 1_000;

type Crd = Stored<CustomResourceDefinition>;

/** Keeps `status.acceptedNames` and the conditions right: of a whole group at a time, since they vie for names. */
export function crdStatusController(loopback: Loopback): ApiServerController {
  const { clock, context, log, signal } = loopback;
  const view = loopback.view(customResourceDefinitions);
  const pending = new Set<string>();
  let running = false;

  const write = async ({ metadata: { name, uid } }: Crd, group: readonly Crd[]): Promise<void> => {
    const transform = (current: Crd | undefined): Crd | undefined => {
      if (current?.metadata.uid !== uid) return undefined;
      const status = planStatus(current, group, formatTime(clock.now()));
      return status && { ...current, status };
    };
    try {
      const store = loopback.stores.of(customResourceDefinitions);
      await store.update(context, '', name, transform as (current: Crd | undefined) => Crd, { subresource: 'status' });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  };

  const decide = async (name: string): Promise<void> => {
    const group = view.list().filter(({ spec }) => spec.group === name);
    for (const crd of group) if (planStatus(crd, group, '')) await write(crd, group);
  };

  const run = async (): Promise<void> => {
    if (running) return;
    running = true;
    for (const group of pending) {
      pending.delete(group);
      await decide(group).catch((error: unknown) => {
        if (signal.aborted) return;
        log.warn({ err: error, group }, 'cannot decide on the names of custom resources; trying again');
        clock.after(retryMs, () => look(group));
      });
    }
    running = false;
  };
  const look = (group: string): void => {
    pending.add(group);
    void run();
  };
  const changed = ({ spec }: Crd): void => look(spec.group);

  return {
    name: 'start-apiextensions-controllers',
    async start(startSignal) {
      await view.waitForSync(startSignal);
      view.addHandler({ add: changed, update: changed, delete: changed });
    },
  };
}

/** Deletes the instances of deleted definitions, then lets the definitions go. */
export function crdFinalizerController(loopback: Loopback, customResources: CustomResources): ApiServerController {
  const { clock, log, signal } = loopback;
  const view = loopback.view(customResourceDefinitions);
  const busy = new Set<string>();

  const finalize = async (crd: Crd): Promise<void> => {
    const { uid, name } = crd.metadata;
    if (busy.has(uid)) return;
    busy.add(uid);
    try {
      for (let current: Crd | undefined = crd; current && !signal.aborted; current = view.get(name)) {
        if (current.metadata.uid !== uid || !needsCleanup(current)) return;
        if (await attempt(current)) return;
        await clock.sleep(retryMs, signal);
      }
    } finally {
      busy.delete(uid);
    }
  };
  const attempt = async (crd: Crd): Promise<boolean> => {
    try {
      return await finalizeCrd({ loopback, customResources }, crd);
    } catch (error) {
      if (!signal.aborted) log.warn({ err: error, crd: crd.metadata.name }, 'cannot clean up custom resources');
      return false;
    }
  };
  const look = (crd: Crd): void => {
    // Only the end of the server interrupts it.
    if (needsCleanup(crd)) finalize(crd).catch(() => undefined);
  };

  return {
    name: 'crd-finalizer',
    async start(startSignal) {
      await view.waitForSync(startSignal);
      view.addHandler({ add: look, update: look });
    },
  };
}

const needsCleanup = ({ metadata }: Crd): boolean =>
  metadata.deletionTimestamp !== undefined && metadata.finalizers?.includes(cleanupFinalizer) === true;

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

/** Keeps `status.acceptedNames` and the conditions right. */
export function crdStatusController(loopback: Loopback): ApiServerController {
  const { clock, context, log, signal } = loopback;
  const view = loopback.view(customResourceDefinitions);
  const pending = new Set<string>();
  let running = false;

  const groupOf = (group: string): Crd[] => view.list().filter(({ spec }) => spec.group === group);

  const write = async ({ metadata }: Crd, group: Crd[]): Promise<void> => {
    const plan = (current: Crd): CustomResourceDefinition['status'] =>
      planStatus(current, group, formatTime(clock.now()));
    try {
      await loopback.stores.of(customResourceDefinitions).update(
        context,
        '',
        metadata.name,
        (current) => {
          if (current?.metadata.uid !== metadata.uid) return undefined as never;
          const status = plan(current);
          return (status ? { ...current, status } : undefined) as never;
        },
        { subresource: 'status' },
      );
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  };

  const run = async (): Promise<void> => {
    for (const group of pending) {
      pending.delete(group);
      // One after the other, and each sees what the one before it got.
      for (const crd of groupOf(group)) {
        if (planStatus(crd, groupOf(group), '')) await write(crd, groupOf(group));
      }
    }
  };

  const schedule = ({ spec: { group } }: Crd): void => {
    pending.add(group);
    if (running || signal.aborted) return;
    running = true;
    run()
      .catch((error: unknown) => {
        log.warn({ err: error, group }, 'cannot decide on the names of custom resources; trying again');
        clock.after(retryMs, () => {
          for (const [crd] of [groupOf(group)]) if (crd) schedule(crd);
        });
      })
      .finally(() => {
        running = false;
        const [next] = [...pending].flatMap(groupOf);
        if (next) schedule(next);
        else pending.clear();
      });
  };

  return {
    name: 'start-apiextensions-controllers',
    async start(startSignal) {
      await view.waitForSync(startSignal);
      view.addHandler({ add: schedule, update: schedule, delete: schedule });
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

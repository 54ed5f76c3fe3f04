/** One attempt to empty a deleted CustomResourceDefinition. Upstream: `controller/finalizer/crd_finalizer.go`. */
import {
  type CustomResourceDefinition,
  type CustomResourceDefinitionCondition,
  customResourceDefinitions,
} from '../../api/apiextensions/v1/customresourcedefinition';
import { isConditionTrue, setCondition } from '../../api/meta/conditions';
import { cloneJson } from '../../api/meta/json';
import type { ResourceDefinition } from '../../api/meta/resource-definition';
import { isNotFound } from '../../api/meta/status-error';
import type { Stored } from '../../api/meta/types';
import { formatTime } from '../../component-base/clock';
import type { Loopback } from '../registry/loopback';
import { cleanupFinalizer } from './crd-hooks';
import type { CustomResources } from './serving';

/** Instances with finalizers of their own may take long: the definition says so after this time. */
const maxWaitMs = 60_000;
const minPollMs = 100;
const maxPollMs = 2_000;

type Crd = Stored<CustomResourceDefinition>;
type Outcome = Pick<CustomResourceDefinitionCondition, 'status' | 'reason' | 'message'>;

export interface FinalizeDeps {
  loopback: Loopback;
  customResources: Pick<CustomResources, 'storedDefinition'>;
}

/** True once the finalizer is off. */
export async function finalizeCrd(deps: FinalizeDeps, crd: Crd): Promise<boolean> {
  const { loopback } = deps;
  const inProgress = {
    status: 'True',
    reason: 'InstanceDeletionInProgress',
    message: 'CustomResource deletion is in progress',
  };
  try {
    await writeTerminating(loopback, crd, inProgress);
    const outcome = await emptyCrd(deps, crd);
    const isLast = crd.metadata.finalizers?.length === 1;
    // Where nothing else holds it, nobody could read this any more.
    if (outcome.status === 'True' || !isLast) await writeTerminating(loopback, crd, outcome);
    if (outcome.status === 'True') return false;
    await loopback.stores.of(customResourceDefinitions).update(loopback.context, '', crd.metadata.name, (current) => {
      const finalizers = current?.metadata.finalizers?.filter((name) => name !== cleanupFinalizer);
      return { ...current, metadata: { ...current?.metadata, finalizers } } as Crd;
    });
    return true;
  } catch (error) {
    if (isNotFound(error)) return true;
    throw error;
  }
}

async function emptyCrd({ loopback, customResources }: FinalizeDeps, crd: Crd): Promise<Outcome> {
  const definition = customResources.storedDefinition(crd);
  if (!definition || !isConditionTrue(crd.status?.conditions, 'Established')) {
    return { status: 'False', reason: 'NeverEstablished', message: 'resource was never established' };
  }
  try {
    await loopback.stores.of(definition).deleteCollection(loopback.context, { namespace: '' }, {});
  } catch (error) {
    const message = `could not issue all deletes: ${(error as Error).message}`;
    return { status: 'True', reason: 'InstanceDeletionFailed', message };
  }
  return waitUntilEmpty(loopback, definition);
}

async function waitUntilEmpty(loopback: Loopback, definition: ResourceDefinition): Promise<Outcome> {
  const { clock, context, signal, stores } = loopback;
  const giveUpAt = clock.now() + maxWaitMs;
  for (let pollMs = minPollMs; ; pollMs = Math.min(pollMs * 2, maxPollMs)) {
    const { items } = await stores.of(definition).list(context, { namespace: '', limit: 1 });
    if (!items.length) {
      return { status: 'False', reason: 'InstanceDeletionCompleted', message: 'removed all instances' };
    }
    if (clock.now() >= giveUpAt) {
      const message = 'could not confirm zero CustomResources remaining: timed out waiting for the condition';
      return { status: 'True', reason: 'InstanceDeletionCheck', message };
    }
    await clock.sleep(pollMs, signal);
  }
}

async function writeTerminating({ stores, context, clock }: Loopback, crd: Crd, outcome: Outcome): Promise<void> {
  await stores.of(customResourceDefinitions).update(
    context,
    '',
    crd.metadata.name,
    (current) => {
      const next = cloneJson(current!);
      const conditions = ((next.status ??= {}).conditions ??= []);
      setCondition(conditions, { type: 'Terminating', ...outcome }, formatTime(clock.now()));
      return next;
    },
    { subresource: 'status' },
  );
}

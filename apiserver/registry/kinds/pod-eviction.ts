/** `pods/eviction`: deletes a pod if its disruption budget allows. Upstream: `registry/core/pod/storage/eviction.go`. */
import { type Pod, pods } from '../../../api/core/v1/pod';
import { isPodReady } from '../../../api/core/v1/pod/conditions';
import { setCondition } from '../../../api/meta/conditions';
import { selectorFromLabelSelector } from '../../../api/meta/selectors';
import {
  isConflict,
  newBadRequest,
  newForbidden,
  newInternalError,
  newTooManyRequests,
  StatusError,
} from '../../../api/meta/status-error';
import type { KubeObject, Stored } from '../../../api/meta/types';
import { type PodDisruptionBudget, podDisruptionBudgets } from '../../../api/policy/v1/poddisruptionbudget';
import { formatTime } from '../../../component-base/clock';
import type { Admission } from '../../admission/admission';
import { type RequestContext, withDryRun } from '../../request-context';
import type { ConnectHandler } from '../connect';
import type { Loopback } from '../loopback';
import type { DeleteRequest } from '../store';
import { admitBody } from './connect-admission';
import { created } from './success';

export interface Eviction extends KubeObject {
  deleteOptions?: DeleteRequest & { dryRun?: string[] };
}

const budgetResource = { group: 'policy', resource: 'poddisruptionbudget' };
const maxDisruptedPods = 2000;
const attempts = 20;

const violates = (message: string, retryAfterSeconds: number): StatusError => {
  const error = newTooManyRequests(
    "Cannot evict pod as it would violate the pod's disruption budget.",
    retryAfterSeconds,
  );
  error.status.details!.causes = [{ reason: 'DisruptionBudget', message }];
  return error;
};

const stillProcessing = (name: string): StatusError =>
  violates(`The disruption budget ${name} is still being processed by the server.`, 10);

/** The pod caused its disruption already, or never ran: no budget counts it. */
export const canIgnoreBudget = ({ metadata, status }: Pod): boolean =>
  metadata?.deletionTimestamp !== undefined || ['Succeeded', 'Failed', 'Pending'].includes(status?.phase ?? '');

/** The budget with one disruption less; throws TooManyRequests or Forbidden when there is none left. Pure. */
export function takeDisruption(
  budget: Stored<PodDisruptionBudget>,
  podName: string,
  nowText: string,
): PodDisruptionBudget {
  const { name, generation = 0 } = budget.metadata;
  const { status } = budget;
  if ((status?.observedGeneration ?? 0) < generation) throw stillProcessing(name);
  const allowed = status?.disruptionsAllowed ?? 0;
  if (allowed < 0) throw newForbidden(budgetResource, name, 'pdb disruptions allowed is negative');
  const disruptedPods: Record<string, any> = status?.disruptedPods ?? {};
  if (Object.keys(disruptedPods).length > maxDisruptedPods) {
    throw newForbidden(
      budgetResource,
      name,
      'DisruptedPods map too big - too many evictions not confirmed by PDB controller',
    );
  }
  if (allowed === 0) {
    throw violates(
      `The disruption budget ${name} needs ${status?.desiredHealthy ?? 0} healthy pods and has ${status?.currentHealthy ?? 0} currently`,
      0,
    );
  }
  const conditions = (status?.conditions ?? []).map((condition) => ({ ...condition }));
  if (allowed === 1) {
    setCondition(
      conditions as any,
      {
        type: 'DisruptionAllowed',
        status: 'False',
        reason: 'InsufficientPods',
        message: '',
        observedGeneration: status?.observedGeneration,
      } as any,
      nowText,
    );
  }
  return {
    ...budget,
    status: {
      ...status!,
      disruptionsAllowed: allowed - 1,
      disruptedPods: { ...disruptedPods, [podName]: nowText },
      ...(conditions.length && { conditions }),
    },
  };
}

/** An unready pod is not counted as healthy: it may go without taking from the budget. */
export function mayEvictUnready(pod: Pod, { spec, status }: PodDisruptionBudget): boolean {
  if (isPodReady(pod)) return false;
  if (spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true;
  return (status?.currentHealthy ?? 0) >= (status?.desiredHealthy ?? 0) && (status?.desiredHealthy ?? 0) > 0;
}

export function createEvictionHandler(deps: { loopback: Loopback; admission: Admission }): ConnectHandler {
  const { loopback, admission } = deps;

  const budgetsOf = async (pod: Stored<Pod>): Promise<Stored<PodDisruptionBudget>[]> => {
    const { items } = await loopback.storageOf(podDisruptionBudgets).list({ namespace: pod.metadata.namespace! });
    return items
      .map((entry) => entry.object)
      .filter(({ spec }) => selectorFromLabelSelector(spec?.selector).matches(pod.metadata.labels));
  };

  /** Tells why the pod goes, so that it counts as a disruption and not as a failure. */
  const markDisrupted = async (pod: Stored<Pod>): Promise<void> => {
    await loopback.storageOf(pods).guaranteedUpdate(`${pod.metadata.namespace}/${pod.metadata.name}`, (current) => {
      if (!current) return undefined;
      const conditions = (current.status?.conditions ?? []).map((condition) => ({ ...condition }));
      setCondition(
        conditions,
        {
          type: 'DisruptionTarget',
          status: 'True',
          reason: 'EvictionByEvictionAPI',
          message: 'Eviction API: evicting',
        },
        formatTime(loopback.clock.now()),
      );
      return { ...current, status: { ...current.status, conditions } };
    });
  };

  const takeFromBudget = async (
    pod: Stored<Pod>,
    budget: Stored<PodDisruptionBudget>,
    dryRun: boolean,
  ): Promise<void> => {
    const now = formatTime(loopback.clock.now());
    const storage = loopback.storageOf(podDisruptionBudgets);
    const key = `${budget.metadata.namespace}/${budget.metadata.name}`;
    if (dryRun) takeDisruption((await storage.get(key)).object, pod.metadata.name, now);
    else await storage.guaranteedUpdate(key, (current) => current && takeDisruption(current, pod.metadata.name, now));
  };

  const deletePod = async (
    context: RequestContext,
    pod: Stored<Pod>,
    request: DeleteRequest,
    resourceVersion?: string,
  ) => {
    const preconditions = {
      ...request.preconditions,
      ...(resourceVersion && !request.preconditions?.resourceVersion && { resourceVersion }),
    };
    await loopback.stores
      .of(pods)
      .delete(context, pod.metadata.namespace!, pod.metadata.name, { ...request, preconditions });
  };

  /** One try for a pod that no budget protects; false when one may. */
  const deleteUnprotected = async (
    context: RequestContext,
    pod: Stored<Pod>,
    request: DeleteRequest,
  ): Promise<boolean> => {
    if (!canIgnoreBudget(pod)) return false;
    const pending = pod.status?.phase === 'Pending' && !pod.metadata.deletionTimestamp;
    await deletePod(context, pod, request, pending ? pod.metadata.resourceVersion : undefined);
    return true;
  };

  return async ({ context: given, namespace, name, body }) => {
    const eviction = body as Eviction;
    if (eviction.metadata?.name && eviction.metadata.name !== name) {
      throw newBadRequest('name in URL does not match name in Eviction object');
    }
    const { dryRun, ...request } = eviction.deleteOptions ?? {};
    const context = withDryRun(given, given.dryRun || (dryRun?.includes('All') ?? false));
    await admitBody(admission, { definition: pods, subresource: 'eviction', namespace, name, context }, eviction);

    let pod: Stored<Pod>;
    for (let attempt = 1; ; attempt++) {
      pod = (await loopback.stores.of(pods).get(context, namespace, name)).object;
      try {
        if (await deleteUnprotected(context, pod, request)) return created();
        break;
      } catch (error) {
        // The pod may have become ready in between: look again, unless the client named the version it means.
        if (!isConflict(error) || request.preconditions?.resourceVersion || attempt === attempts) throw error;
      }
    }

    const [budget, ...more] = await budgetsOf(pod);
    if (more.length) {
      throw newInternalError(
        new Error('This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.'),
      );
    }
    const unready = budget !== undefined && mayEvictUnready(pod, budget);
    if (budget && !unready) await takeFromBudget(pod, budget, context.dryRun);
    if (!context.dryRun && !unready) await markDisrupted(pod);
    try {
      await deletePod(context, pod, request, unready ? pod.metadata.resourceVersion : undefined);
    } catch (error) {
      if (isConflict(error) && unready && !request.preconditions?.resourceVersion)
        throw stillProcessing(budget.metadata.name);
      throw error;
    }
    return created();
  };
}

/** Keeps the status of disruption budgets, which evictions spend. Upstream: `pkg/controller/disruption`. */
import { deployments } from '../../../api/apps/v1/deployment';
import { replicaSets } from '../../../api/apps/v1/replicaset';
import { type Pod, pods } from '../../../api/core/v1/pod';
import { isPodReady } from '../../../api/core/v1/pod/conditions';
import { deepEqual } from '../../../api/meta/json';
import { selectorFromLabelSelector } from '../../../api/meta/selectors';
import { isConflict, isNotFound } from '../../../api/meta/status-error';
import { keyOf, type KubeObject, type Stored } from '../../../api/meta/types';
import { type PodDisruptionBudget, podDisruptionBudgets } from '../../../api/policy/v1/poddisruptionbudget';
import { type ControllerDeps, defineController, enqueueSelf, type Enqueue, watch } from '../../../client/controller';
import { eventWriter } from '../../event-writer';
import { messageOf } from '../pod-control';
import { expectedScale } from './expected-scale';
import { budgetStatus, countHealthy, expectation, failSafeStatus, needsScale, planDisruptedPods } from './plan-budget';

/** Budgets whose selector matches the pod as it is or was. */
const enqueueBudgetsOf: Enqueue<Pod, ControllerDeps> = (pod, old, deps) => {
  const facts = (each: Pod): unknown => {
    const { labels, deletionTimestamp, ownerReferences } = each.metadata ?? {};
    return [labels, deletionTimestamp, ownerReferences, isPodReady(each)];
  };
  if (old && deepEqual(facts(pod), facts(old))) return [];
  return deps.informers
    .informer(podDisruptionBudgets)
    .lister.list({ namespace: pod.metadata.namespace! })
    .filter(({ spec }) => {
      const selector = selectorFromLabelSelector(spec?.selector);
      return selector.matches(pod.metadata.labels) || (old && selector.matches(old.metadata.labels));
    })
    .map(keyOf);
};

/** A resized controller changes what its pods' budgets expect; which those are, its template's labels tell. */
const enqueueBudgetsOfTemplate: Enqueue<any, ControllerDeps> = (workload, old, deps) => {
  type Workload = KubeObject & {
    spec?: { replicas?: number; template?: { metadata?: { labels?: Record<string, string> } } };
  };
  const { metadata, spec } = workload as Stored<Workload>;
  if (old && (old as Workload).spec?.replicas === spec?.replicas) return [];
  return deps.informers
    .informer(podDisruptionBudgets)
    .lister.list({ namespace: metadata.namespace! })
    .filter((budget) => selectorFromLabelSelector(budget.spec?.selector).matches(spec?.template?.metadata?.labels))
    .map(keyOf);
};

export const disruptionController = defineController<ControllerDeps>({
  name: 'disruption-controller',
  workers: 2,
  watches: [
    watch(podDisruptionBudgets, enqueueSelf),
    watch(pods, enqueueBudgetsOf),
    watch(replicaSets, enqueueBudgetsOfTemplate),
    watch(deployments, enqueueBudgetsOfTemplate),
  ],
  permissions: [
    { apiGroups: ['apps', 'extensions'], resources: ['deployments', 'replicasets'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: ['apps'], resources: ['statefulsets'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: [''], resources: ['pods', 'replicationcontrollers'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: ['policy'], resources: ['poddisruptionbudgets'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: ['policy'], resources: ['poddisruptionbudgets/status'], verbs: ['update'] },
    { apiGroups: ['*'], resources: ['*/scale'], verbs: ['get'] },
    eventWriter,
  ],
  create(deps) {
    const { client, clock, recorder } = deps;
    const budgetLister = deps.informers.informer(podDisruptionBudgets).lister;
    const podLister = deps.informers.informer(pods).lister;
    const sources = {
      client,
      replicaSetLister: deps.informers.informer(replicaSets).lister,
      deploymentLister: deps.informers.informer(deployments).lister,
    };

    async function scaleOf(budget: Stored<PodDisruptionBudget>, matching: readonly Stored<Pod>[]): Promise<number> {
      if (!needsScale(budget)) return 0;
      try {
        const { count, unmanaged } = await expectedScale(sources, matching);
        if (unmanaged.length) recorder.event(budget, 'Warning', 'UnmanagedPods', unmanagedMessage(budget));
        return count;
      } catch (error) {
        const message = `Failed to calculate the number of expected pods: ${messageOf(error)}`;
        recorder.event(budget, 'Warning', 'CalculateExpectedPodCountFailed', message);
        throw error;
      }
    }

    async function sync(budget: Stored<PodDisruptionBudget>): Promise<{ requeueAfterMs: number } | void> {
      const selector = selectorFromLabelSelector(budget.spec?.selector);
      const matching = podLister.list({ namespace: budget.metadata.namespace!, selector });
      if (!matching.length) recorder.event(budget, 'Normal', 'NoPods', 'No matching pods found');
      const now = clock.now();
      const { disruptedPods, notDeleted, recheckAtMs } = planDisruptedPods(budget, matching, now);
      for (const pod of notDeleted) {
        const message = `Pod was expected by PDB ${keyOf(budget)} to be deleted but it wasn't`;
        recorder.event(pod, 'Warning', 'NotDeleted', message);
      }
      const expected = expectation(budget, matching.length, await scaleOf(budget, matching));
      const status = budgetStatus(budget, expected, countHealthy(matching, disruptedPods), disruptedPods, now);
      if (!deepEqual(status, budget.status)) await client.updateStatus(podDisruptionBudgets, { ...budget, status });
      if (recheckAtMs !== undefined) return { requeueAfterMs: Math.max(recheckAtMs - now, 0) + 1 };
    }

    return {
      async reconcile(key) {
        const budget = budgetLister.get(key);
        if (!budget) return;
        try {
          return await sync(budget);
        } catch (error) {
          // An eviction spent some of it meanwhile: count again from what that wrote.
          if (isConflict(error) || isNotFound(error)) throw error;
          const status = failSafeStatus(budget, messageOf(error), clock.now());
          if (!deepEqual(status, budget.status)) await client.updateStatus(podDisruptionBudgets, { ...budget, status });
          throw error;
        }
      },
    };
  },
});

const unmanagedMessage = ({ spec }: PodDisruptionBudget): string =>
  `Pods selected by this PodDisruptionBudget (selector: ${selectorFromLabelSelector(spec?.selector)}) were found to be unmanaged. As a result, ` +
  'the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these ' +
  'pods please set ".spec.minAvailable" field of the PDB to an integer value.';

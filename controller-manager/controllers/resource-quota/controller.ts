/**
 * Calculates what is used of each quota: when it is made or changed, when objects go, and from time to time. What comes is
 * charged by admission. Upstream: `pkg/controller/resourcequota`.
 */
import { persistentVolumeClaims } from '../../../api/core/v1/persistentvolumeclaim';
import { pods } from '../../../api/core/v1/pod';
import { type ResourceQuota, resourceQuotas } from '../../../api/core/v1/resourcequota';
import {
  exceeding,
  isChargedPod,
  quotaEvaluatorOf,
  sameAmounts,
  toResourceList,
} from '../../../api/core/v1/resourcequota/usage';
import { parseResources } from '../../../api/core/v1/pod/resources';
import { services } from '../../../api/core/v1/service';
import { deepEqual } from '../../../api/meta/json';
import type { ResourceDefinition } from '../../../api/meta/resource-definition';
import { isNotFound } from '../../../api/meta/status-error';
import { keyOf, type KubeObject, type Stored } from '../../../api/meta/types';
import { resources } from '../../../api/resources';
import {
  type ControllerDeps,
  defineController,
  type Enqueue,
  type ReconcileResult,
  watch,
} from '../../../client/controller';
import { supports } from '../../discovery';
import type { ManagerDeps } from '../../manager-deps';
import { ResourceMonitors } from '../garbage-collector/monitors';
import { calculateUsage, type CountedKind } from './calculate-usage';
import { CustomObjects } from './custom-objects';

/**
 * A write is charged before its object is there. To lower a quota that was just charged would give that charge away, so the
 * objects are waited for: this long after the quota last changed, though not for ever.
 */
const settleMs = 200;
const maxPostponements = 10;
/** What was being made while the first status was calculated is not in it, nor was it charged. */
const lookAgainMs = 1000;

const evaluatorOf = ({ group, names }: ResourceDefinition) => quotaEvaluatorOf({ group, resource: names.plural });

const countable = resources.filter(
  (definition) =>
    definition.namespaced && supports(definition, 'create', 'list', 'watch', 'delete') && evaluatorOf(definition),
);

/** The quotas that limit the kind, of one namespace or of all. */
function quotasFor(deps: ControllerDeps, definition: ResourceDefinition, namespace?: string): string[] {
  const evaluator = evaluatorOf(definition);
  if (!evaluator || !definition.namespaced) return [];
  return deps.informers
    .informer(resourceQuotas)
    .lister.list(namespace === undefined ? {} : { namespace })
    .filter(({ spec }) => evaluator.matchingResources(Object.keys(spec?.hard ?? {})).length)
    .map(keyOf);
}

/** When an object that stays uses less than before. */
const enqueueIf =
  <T extends KubeObject>(
    definition: ResourceDefinition<T>,
    less: (object: T, old: T, nowMs: number) => boolean,
  ): Enqueue<T, ControllerDeps> =>
  (object, old, deps) =>
    old && less(object, old, deps.clock.now()) ? quotasFor(deps, definition, object.metadata.namespace) : [];

const usageChanged = (definition: ResourceDefinition) => (object: KubeObject, old: KubeObject, nowMs: number) => {
  const evaluator = evaluatorOf(definition)!;
  return !sameAmounts(evaluator.usage(object, nowMs), evaluator.usage(old, nowMs));
};

const specChanged = (quota: ResourceQuota, old: ResourceQuota | undefined): boolean =>
  !old || !deepEqual(old.spec, quota.spec);

export const resourceQuotaController = defineController<ManagerDeps>({
  name: 'resourcequota-controller',
  workers: 5,
  watches: [
    watch(resourceQuotas, (quota, old) => (specChanged(quota, old) ? [keyOf(quota)] : [])),
    watch(
      pods,
      enqueueIf(pods, (pod, old, nowMs) => isChargedPod(old, nowMs) && !isChargedPod(pod, nowMs)),
    ),
    watch(services, enqueueIf(services, usageChanged(services))),
    watch(persistentVolumeClaims, enqueueIf(persistentVolumeClaims, usageChanged(persistentVolumeClaims))),
  ],
  permissions: [
    { apiGroups: ['*'], resources: ['*'], verbs: ['list', 'watch'] },
    { apiGroups: [''], resources: ['resourcequotas/status'], verbs: ['update'] },
  ],
  create(deps) {
    const { client, clock, config, enqueue, fullyWatched, informers, log } = deps;
    const lister = informers.informer(resourceQuotas).lister;
    const customObjects = new CustomObjects();
    const builtIn = new Set<ResourceDefinition>(resources);
    const postponed = new Map<string, { resourceVersion: string; times: number }>();

    const monitors = new ResourceMonitors({
      client,
      clock,
      log,
      informers,
      fullyWatched,
      sink: {
        observe(definition, object) {
          if (!builtIn.has(definition)) customObjects.add(definition, object);
        },
        forget(definition, object) {
          if (!builtIn.has(definition)) customObjects.remove(definition, object);
          for (const key of quotasFor(deps, definition, object.metadata.namespace)) enqueue(key);
        },
        synced(definition) {
          for (const key of quotasFor(deps, definition)) enqueue(key);
        },
      },
    });
    const listers = countable.map((definition) => ({
      evaluator: evaluatorOf(definition)!,
      lister: informers.informer<KubeObject>(
        definition,
        fullyWatched.has(definition) ? undefined : { metadataOnly: true },
      ).lister,
    }));

    /** True while a charge may be in what is to be taken back. */
    function mustWait(key: string, { metadata: { resourceVersion } }: Stored<ResourceQuota>): boolean {
      const before = postponed.get(key);
      const settled = before?.resourceVersion === resourceVersion || (before?.times ?? 0) >= maxPostponements;
      if (settled) postponed.delete(key);
      else postponed.set(key, { resourceVersion, times: (before?.times ?? 0) + 1 });
      return !settled;
    }

    /** The cache of quotas may be behind those of what they count: a charge that it has not seen must not be missed. */
    async function isCurrent({ metadata: { name, namespace = '', resourceVersion } }: Stored<ResourceQuota>) {
      const { items } = await client.list(resourceQuotas, { namespace, fieldSelector: `metadata.name=${name}` });
      return items.every(({ metadata }) => metadata.resourceVersion === resourceVersion);
    }

    async function reconcile(key: string): Promise<ReconcileResult> {
      const quota = lister.get(key);
      if (!quota) return void postponed.delete(key);
      const { namespace = '' } = quota.metadata;
      const kinds = listers.map(({ evaluator, lister: objects }): CountedKind => ({
        evaluator,
        objects: () => objects.list({ namespace }),
      }));
      const countOf = (name: string): number => customObjects.count(name, namespace);
      const used = calculateUsage(quota, { kinds, countOf, nowMs: clock.now() });
      const before = parseResources(quota.status?.used);
      const hardChanged = !deepEqual(quota.status?.hard ?? {}, quota.spec?.hard ?? {});
      if (!hardChanged && sameAmounts(used, before)) {
        postponed.delete(key);
        return (await isCurrent(quota)) ? undefined : { requeueAfterMs: settleMs };
      }
      if (!hardChanged && exceeding(before, used).length && mustWait(key, quota)) return { requeueAfterMs: settleMs };
      try {
        await client.updateStatus(resourceQuotas, {
          ...quota,
          status: { hard: { ...quota.spec?.hard }, used: toResourceList(used) },
        });
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
      return hardChanged ? { requeueAfterMs: lookAgainMs } : undefined;
    }

    return {
      reconcile,
      async run(signal) {
        const resync = async (): Promise<void> => {
          while (!signal.aborted) {
            await clock.sleep(config.resourceQuotaSyncPeriodMs, signal);
            for (const quota of lister.list()) enqueue(keyOf(quota));
          }
        };
        await Promise.all([monitors.run(signal), resync()]);
      },
    };
  },
});

/** Deletes pods that have outlived their use: see `plan-gc.ts`. Runs on a timer, as upstream's does. */
import { nodes } from '../../../api/core/v1/node';
import { type Pod, pods } from '../../../api/core/v1/pod';
import { isPodTerminal } from '../../../api/core/v1/pod/conditions';
import { isConflict, isNotFound } from '../../../api/meta/status-error';
import { keyOf, type Stored } from '../../../api/meta/types';
import { defineController, watch } from '../../../client/controller';
import { eventWriter } from '../../event-writer';
import type { ManagerDeps } from '../../manager-deps';
import { disruptPod } from '../pod-disruption';
import { missingNodes, onOutOfServiceNodes, terminatedBeyond, unscheduledTerminating } from './plan-gc';

const checkPeriodMs = 20_000;
/** A node may be missing from the cache for a moment; its pods are safe for this long. */
const quarantineMs = 40_000;

export const podGcController = defineController<ManagerDeps>({
  name: 'pod-garbage-collector-controller',
  workers: 1,
  watches: [watch(pods, () => []), watch(nodes, () => [])],
  permissions: [
    { apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch', 'delete'] },
    { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: [''], resources: ['pods/status'], verbs: ['patch'] },
    eventWriter,
  ],
  create(deps) {
    const { client, clock, config, log } = deps;
    const podLister = deps.informers.informer(pods).lister;
    const nodeLister = deps.informers.informer(nodes).lister;
    const missingSince = new Map<string, number>();

    async function kill(pod: Stored<Pod>): Promise<void> {
      const { name, namespace, uid } = pod.metadata;
      log.info({ pod: `${namespace}/${name}` }, 'Deleting a pod that nothing else will');
      try {
        if (!isPodTerminal(pod)) {
          const patch = { metadata: { uid }, status: { phase: 'Failed' } };
          await client.patch(pods, name, namespace, patch, { type: 'strategic', subresource: 'status' });
        }
        await client.delete(pods, name, namespace, { gracePeriodSeconds: 0, preconditions: { uid } });
      } catch (error) {
        if (!isNotFound(error) && !isConflict(error)) throw error;
      }
    }

    /** Nodes missing for the whole quarantine, and missing on the server too. */
    async function nodesGoneForGood(all: readonly Stored<Pod>[]): Promise<Set<string>> {
      const missing = missingNodes(all, (name) => nodeLister.get(name));
      const now = clock.now();
      for (const name of missingSince.keys()) if (!missing.has(name)) missingSince.delete(name);
      const gone = new Set<string>();
      for (const name of missing) {
        const since = missingSince.get(name) ?? now;
        missingSince.set(name, since);
        if (now - since < quarantineMs) continue;
        try {
          await client.get(nodes, name);
        } catch (error) {
          if (!isNotFound(error)) throw error;
          gone.add(name);
        }
      }
      return gone;
    }

    async function killOrphan(pod: Stored<Pod>): Promise<void> {
      log.info({ pod: pod.metadata.name, node: pod.spec?.nodeName }, 'Orphaned pod');
      await disruptPod(deps, pod, {
        reason: 'DeletionByPodGC',
        message: 'PodGC: node no longer exists',
        failed: !isPodTerminal(pod),
        gracePeriodSeconds: 0,
      });
    }

    /** One that cannot be deleted (a webhook refuses it) must not keep the others. */
    async function each(found: readonly Stored<Pod>[], remove: (pod: Stored<Pod>) => Promise<void>): Promise<void> {
      for (const pod of found) {
        await remove(pod).catch((error: unknown) =>
          log.error({ err: error, pod: keyOf(pod) }, 'Cannot delete a pod, trying again'),
        );
      }
    }

    async function collect(): Promise<void> {
      const all = podLister.list();
      await each(terminatedBeyond(all, config.terminatedPodGcThreshold), kill);
      await each(
        onOutOfServiceNodes(all, (name) => nodeLister.get(name)),
        kill,
      );
      await each(unscheduledTerminating(all), kill);
      const gone = await nodesGoneForGood(all);
      await each(
        all.filter(({ spec }) => spec?.nodeName && gone.has(spec.nodeName)),
        killOrphan,
      );
    }

    return {
      reconcile: async () => {},
      async run(signal) {
        while (!signal.aborted) {
          await collect().catch((error: unknown) => log.error({ err: error }, 'Cannot collect pods, trying again'));
          await clock.sleep(checkPeriodMs, signal);
        }
      },
    };
  },
});

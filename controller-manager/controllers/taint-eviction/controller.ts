/** Deletes pods from nodes whose NoExecute taints they do not, or no longer, tolerate. Upstream: `pkg/controller/tainteviction`. */
import { type Node, nodes } from '../../../api/core/v1/node';
import { type Pod, pods } from '../../../api/core/v1/pod';
import { deepEqual } from '../../../api/meta/json';
import { keyOf, splitKey, type Stored } from '../../../api/meta/types';
import { type ControllerDeps, defineController, watch } from '../../../client/controller';
import { eventWriter } from '../../event-writer';
import { disruptPod } from '../pod-disruption';
import { indexByNode } from '../pods-by-node';
import { planEviction } from './plan-eviction';

interface Timer {
  uid: string;
  /** When the taints were first seen on the pod's node. */
  sinceMs: number;
}

export const taintEvictionController = defineController<ControllerDeps>({
  name: 'taint-eviction-controller',
  workers: 8,
  watches: [
    watch(pods, (pod: Stored<Pod>, old: Stored<Pod> | undefined) => {
      const same =
        old && old.spec?.nodeName === pod.spec?.nodeName && deepEqual(old.spec?.tolerations, pod.spec?.tolerations);
      return same ? [] : [keyOf(pod)];
    }),
  ],
  permissions: [
    { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch', 'delete'] },
    { apiGroups: [''], resources: ['pods/status'], verbs: ['patch'] },
    { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch'] },
    eventWriter,
  ],
  create(deps) {
    const { clock, recorder } = deps;
    const timers = new Map<string, Timer>();
    const podInformer = deps.informers.informer(pods);
    const nodeInformer = deps.informers.informer(nodes);
    const podsOn = indexByNode(podInformer);
    const wakePodsOf = (node: Stored<Node>): void => {
      for (const pod of podsOn(node.metadata.name)) deps.enqueue(keyOf(pod));
    };
    nodeInformer.addEventHandler({
      add: (node) => {
        if (node.spec?.taints?.length) wakePodsOf(node);
      },
      update: (node, old) => {
        if (!deepEqual(node.spec?.taints, old.spec?.taints)) wakePodsOf(node);
      },
    });
    const cancel = (key: string): void => {
      const timer = timers.get(key);
      if (!timer) return;
      timers.delete(key);
      const { namespace, name } = splitKey(key);
      const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { namespace: namespace!, name, uid: timer.uid } };
      recorder.event(pod, 'Normal', 'TaintManagerEviction', `Cancelling deletion of Pod ${key}`);
    };
    return {
      async reconcile(key) {
        const pod = podInformer.lister.get(key);
        const timer = timers.get(key);
        if (timer && timer.uid !== pod?.metadata.uid) timers.delete(key);
        if (!pod?.spec?.nodeName || pod.metadata.deletionTimestamp) return void timers.delete(key);
        const taints = nodeInformer.lister.get(pod.spec.nodeName)?.spec?.taints;
        const plan = planEviction(taints, pod.spec.tolerations);
        if (plan.verdict === 'stay') return cancel(key);
        if (plan.verdict === 'later') {
          const sinceMs = timers.get(key)?.sinceMs ?? clock.now();
          timers.set(key, { uid: pod.metadata.uid, sinceMs });
          const leftMs = sinceMs + plan.afterMs - clock.now();
          if (leftMs > 0) return { requeueAfterMs: leftMs };
        }
        recorder.event(pod, 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${key}`);
        await disruptPod(deps, pod, {
          reason: 'DeletionByTaintManager',
          message: 'Taint manager: deleting due to NoExecute taint',
        });
        timers.delete(key);
      },
    };
  },
});

/** What each way of writing a pod may change. Upstream: `pkg/registry/core/pod/strategy.go`. */
import type { UpdateHooks } from '../../../meta/resource-definition';
import { syncServiceAccount } from './defaults';
import { isPodTerminal } from './conditions';
import { qosClassOf } from './qos';
import type { Pod } from './types';
import { validateEphemeralContainersUpdate } from './validation/ephemeral-update';
import { validatePodResize } from './validation/resize';
import { validatePodStatusUpdate } from './validation/status';

/** A new pod is Pending, of its class for good; scheduling gates show at once. */
export function preparePodForCreate(pod: Pod): void {
  if (pod.spec) syncServiceAccount(pod.spec);
  pod.status = { phase: 'Pending', qosClass: qosClassOf(pod) };
  if (pod.spec?.schedulingGates?.length) {
    pod.status.conditions = [
      {
        type: 'PodScheduled',
        status: 'False',
        reason: 'SchedulingGated',
        message: 'Scheduling is blocked due to non-empty scheduling gates',
      },
    ];
  }
}

/** Seconds that a deletion gives the pod. One that never started, or is over, gets none. */
export function podGracePeriodSeconds(pod: Pod, requested: number | undefined): number {
  const period = requested ?? pod.spec?.terminationGracePeriodSeconds ?? 30;
  if (!pod.spec?.nodeName || isPodTerminal(pod)) return 0;
  return period < 0 ? 1 : period;
}

export const podStatusHooks: UpdateHooks<Pod> = {
  prepareForUpdate(pod, old) {
    pod.spec = old.spec;
    // Owner references are no business of who reports status.
    if (pod.metadata) pod.metadata.ownerReferences = old.metadata?.ownerReferences;
    if (pod.status) pod.status.qosClass = old.status?.qosClass;
  },
  validateUpdate: validatePodStatusUpdate,
};

export const ephemeralContainersHooks: UpdateHooks<Pod> = {
  prepareForUpdate(pod, old) {
    const ephemeralContainers = pod.spec?.ephemeralContainers;
    pod.spec = { ...old.spec!, ephemeralContainers };
    pod.status = old.status;
  },
  validateUpdate: validateEphemeralContainersUpdate,
};

type Resizable = { name: string; resources?: unknown; resizePolicy?: unknown };

/** Lists that do not name the same containers stay, for validation to refuse. */
function resized<C extends Resizable>(wanted: C[] | undefined, current: C[] | undefined): C[] | undefined {
  const alike = wanted?.length === current?.length && wanted?.every(({ name }, i) => name === current?.[i]?.name);
  if (!alike) return wanted;
  return current?.map((container, i) => {
    const { resources, resizePolicy } = wanted?.[i] ?? container;
    return { ...container, resources, resizePolicy };
  });
}

/** Resize changes resources and resize policies of containers that exist, nothing else. */
export const resizeHooks: UpdateHooks<Pod> = {
  prepareForUpdate(pod, old) {
    const initContainers = resized(pod.spec?.initContainers, old.spec?.initContainers);
    pod.spec = {
      ...old.spec!,
      containers: resized(pod.spec?.containers, old.spec?.containers) ?? [],
      ...(initContainers && { initContainers }),
    };
    pod.status = old.status;
  },
  validateUpdate: validatePodResize,
};

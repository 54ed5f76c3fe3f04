/** One look at the EndpointSlices of one Service. */
import type { Node } from '../../../api/core/v1/node';
import type { Pod } from '../../../api/core/v1/pod';
import type { Service } from '../../../api/core/v1/service';
import { type EndpointSlice, endpointSlices } from '../../../api/discovery/v1/endpointslice';
import { isControlledBy } from '../../../api/meta/controller-ref';
import { selectorFromMap } from '../../../api/meta/selectors';
import { isNotFound } from '../../../api/meta/status-error';
import { splitKey, type Stored } from '../../../api/meta/types';
import type { ReconcileResult } from '../../../client/controller';
import type { EventRecorder } from '../../../client/event-recorder';
import type { Lister } from '../../../client/informer';
import type { RestClient } from '../../../client/rest-client';
import {
  belongsInEndpoints,
  endpointPorts,
  hasManagedEndpoints,
  podsOf,
  triggerTimeAnnotation,
} from '../endpoints/endpoint-pods';
import type { TriggerTimeTracker } from '../endpoints/trigger-time';
import { isNamespaceTerminating, messageOf } from '../pod-control';
import {
  type AddressType,
  addressTypesOf,
  endpointOf,
  managedBy,
  managedByLabel,
  serviceNameLabel,
  sliceShape,
} from './build-slice';
import { planSlices, type PortGroup, type SlicePlan } from './plan-slices';
import type { SliceTracker } from './slice-tracker';

export interface EndpointSliceContext {
  client: RestClient;
  recorder: EventRecorder;
  triggerTimes: TriggerTimeTracker;
  tracker: SliceTracker;
  maxEndpointsPerSlice: number;
  serviceLister: Lister<Service>;
  podLister: Lister<Pod>;
  nodeLister: Lister<Node>;
  sliceLister: Lister<EndpointSlice>;
}

/** The slice's arrival in the cache normally wakes the Service before this. */
const staleCacheRetryMs = 1000;

export async function reconcileEndpointSlices(context: EndpointSliceContext, key: string): Promise<ReconcileResult> {
  const { serviceLister, sliceLister, tracker, triggerTimes } = context;
  const service = serviceLister.get(key);
  if (!service) {
    // The garbage collector deletes the slices of a Service that is gone.
    triggerTimes.forget(key);
    return tracker.forget(key);
  }
  if (!hasManagedEndpoints(service)) return;
  if (tracker.isStale(key, sliceLister)) return { requeueAfterMs: staleCacheRetryMs };
  const pods = podsOf(context.podLister, service);
  const changedAt = triggerTimes.lastChange(service, pods);
  const existing = slicesOf(sliceLister, service);
  const { plans, missingNode } = planService(context, service, pods, existing);
  try {
    for (const plan of plans) await carryOut(context, key, plan, changedAt);
  } catch (error) {
    if (isNamespaceTerminating(error)) return;
    const { namespace, name } = service.metadata;
    const message = `Error updating Endpoint Slices for Service ${namespace}/${name}: ${messageOf(error)}`;
    context.recorder.event(service, 'Warning', 'FailedToUpdateEndpointSlices', message);
    throw error;
  }
  if (missingNode) return { requeueAfterMs: staleCacheRetryMs };
}

/** Slices that others made for the Service (by hand, or mirrored) carry another manager's name. */
function slicesOf(lister: Lister<EndpointSlice>, service: Stored<Service>): Stored<EndpointSlice>[] {
  const selector = selectorFromMap({ [serviceNameLabel]: service.metadata.name, [managedByLabel]: managedBy });
  return lister
    .list({ namespace: service.metadata.namespace!, selector })
    .filter(({ metadata }) => !metadata.deletionTimestamp);
}

function planService(
  context: EndpointSliceContext,
  service: Stored<Service>,
  pods: readonly Stored<Pod>[],
  existing: readonly Stored<EndpointSlice>[],
): { plans: SlicePlan[]; missingNode: boolean } {
  const types = addressTypesOf(service);
  // Slices of a family the Service has no more, and of an earlier Service with this name.
  const foreign = existing.filter(
    (slice) => !types.includes(slice.addressType as AddressType) || !isControlledBy(slice, service),
  );
  const plans: SlicePlan[] = [{ create: [], update: [], remove: foreign }];
  let missingNode = false;
  for (const type of types) {
    const groups: PortGroup[] = [];
    for (const pod of pods) {
      if (!belongsInEndpoints(pod, true)) continue;
      const node = pod.spec?.nodeName ? context.nodeLister.get(pod.spec.nodeName) : undefined;
      // A pod of a vanished node is left out until the pod collector removes it, or the node comes back.
      if (pod.spec?.nodeName && !node && !service.spec?.publishNotReadyAddresses) {
        missingNode = true;
        continue;
      }
      const endpoint = endpointOf(service, pod, node, type);
      if (endpoint) groups.push({ ports: endpointPorts(service, pod), endpoints: [endpoint] });
    }
    const mine = existing.filter((slice) => slice.addressType === type && !foreign.includes(slice));
    plans.push(planSlices(groups, mine, sliceShape(service, type, context.maxEndpointsPerSlice)));
  }
  return { plans, missingNode };
}

async function carryOut(
  { client, tracker }: EndpointSliceContext,
  key: string,
  { create, update, remove }: SlicePlan,
  changedAt: string | undefined,
): Promise<void> {
  for (const slice of create) {
    tracker.wrote(key, await client.create(endpointSlices, withTriggerTime(slice, changedAt)));
  }
  for (const slice of update) {
    tracker.wrote(key, await client.update(endpointSlices, withTriggerTime(slice, changedAt)));
  }
  for (const { metadata } of remove) {
    try {
      const { namespace } = splitKey(key);
      await client.delete(endpointSlices, metadata.name, namespace, { preconditions: { uid: metadata.uid } });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    tracker.forgetSlice(key, metadata.uid);
  }
}

function withTriggerTime<T extends EndpointSlice>(slice: T, changedAt: string | undefined): T {
  const { [triggerTimeAnnotation]: _old, ...annotations } = slice.metadata?.annotations ?? {};
  if (changedAt !== undefined) annotations[triggerTimeAnnotation] = changedAt;
  return { ...slice, metadata: { ...slice.metadata, annotations } };
}

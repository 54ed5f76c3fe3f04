/** One look at the Endpoints of one Service. */
import { type Endpoints, endpoints } from '../../../api/core/v1/endpoints';
import type { Pod } from '../../../api/core/v1/pod';
import type { Service } from '../../../api/core/v1/service';
import { deepEqual } from '../../../api/meta/json';
import { isAlreadyExists, isConflict, isNotFound } from '../../../api/meta/status-error';
import { splitKey, type Stored } from '../../../api/meta/types';
import type { ReconcileResult } from '../../../client/controller';
import type { EventRecorder } from '../../../client/event-recorder';
import type { Lister } from '../../../client/informer';
import type { RestClient } from '../../../client/rest-client';
import { isNamespaceTerminating, messageOf } from '../pod-control';
import { hasManagedEndpoints, headlessLabel, isHeadless, podsOf, triggerTimeAnnotation } from './endpoint-pods';
import { overCapacityAnnotation, planSubsets } from './plan-subsets';
import type { TriggerTimeTracker } from './trigger-time';

const managedByLabel = 'endpoints.kubernetes.io/managed-by';
const managedBy = 'endpoint-controller';

export interface EndpointsContext {
  client: RestClient;
  recorder: EventRecorder;
  triggerTimes: TriggerTimeTracker;
  serviceLister: Lister<Service>;
  podLister: Lister<Pod>;
  endpointsLister: Lister<Endpoints>;
}

/** The newer Endpoints normally wakes the Service before this. */
const staleCacheRetryMs = 1000;

export async function reconcileEndpoints(context: EndpointsContext, key: string): Promise<ReconcileResult> {
  const service = context.serviceLister.get(key);
  if (!service) return deleteEndpoints(context, key);
  if (!hasManagedEndpoints(service)) return;
  const pods = podsOf(context.podLister, service);
  const changedAt = context.triggerTimes.lastChange(service, pods);
  const current = context.endpointsLister.get(key);
  const wanted = buildEndpoints(service, pods, current, changedAt);
  if (current && sameEndpoints(current, wanted)) return;
  try {
    await (current ? context.client.update(endpoints, wanted) : context.client.create(endpoints, wanted));
  } catch (error) {
    // Nothing can be created in a namespace that goes away; retrying would not help.
    if (!current && isNamespaceTerminating(error)) return;
    // The cache was behind, mostly of our own last write: nothing failed that the user should hear of.
    if (isConflict(error) || isAlreadyExists(error)) return { requeueAfterMs: staleCacheRetryMs };
    reportFailure(context, service, current !== undefined, error);
    throw error;
  }
}

/** Endpoints without a Service may also be somebody's own, or the leader election of an old client: only ours go. */
async function deleteEndpoints(
  { client, endpointsLister, triggerTimes }: EndpointsContext,
  key: string,
): Promise<void> {
  triggerTimes.forget(key);
  const orphan = endpointsLister.get(key);
  if (orphan?.metadata.labels?.[managedByLabel] !== managedBy) return;
  const { namespace, name } = splitKey(key);
  try {
    await client.delete(endpoints, name, namespace, { preconditions: { uid: orphan.metadata.uid } });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

export function buildEndpoints(
  service: Stored<Service>,
  pods: readonly Stored<Pod>[],
  current: Stored<Endpoints> | undefined,
  changedAt: string | undefined,
): Endpoints {
  const { subsets, truncated } = planSubsets(service, pods);
  const { [headlessLabel]: _headless, ...serviceLabels } = service.metadata.labels ?? {};
  const {
    [overCapacityAnnotation]: _capacity,
    [triggerTimeAnnotation]: _time,
    ...annotations
  } = current?.metadata.annotations ?? {};
  const allAnnotations = {
    ...annotations,
    ...(truncated && { [overCapacityAnnotation]: 'truncated' }),
    ...(changedAt !== undefined && { [triggerTimeAnnotation]: changedAt }),
  };
  return {
    apiVersion: endpoints.apiVersion,
    kind: endpoints.kind,
    metadata: {
      ...current?.metadata,
      name: service.metadata.name,
      namespace: service.metadata.namespace!,
      labels: { ...serviceLabels, [managedByLabel]: managedBy, ...(isHeadless(service) && { [headlessLabel]: '' }) },
      ...(Object.keys(allAnnotations).length && { annotations: allAnnotations }),
    },
    ...(subsets.length && { subsets }),
  };
}

/** The trigger time alone is no reason to write. */
function sameEndpoints(current: Endpoints, wanted: Endpoints): boolean {
  const facts = ({ metadata, subsets }: Endpoints): unknown => ({
    labels: metadata?.labels,
    truncated: metadata?.annotations?.[overCapacityAnnotation],
    subsets: subsets ?? [],
  });
  return deepEqual(facts(current), facts(wanted));
}

function reportFailure(
  { recorder }: EndpointsContext,
  service: Stored<Service>,
  exists: boolean,
  error: unknown,
): void {
  const { namespace, name } = service.metadata;
  if (exists) {
    const message = `Failed to update endpoint ${namespace}/${name}: ${messageOf(error)}`;
    recorder.event(service, 'Warning', 'FailedToUpdateEndpoint', message);
  } else {
    const message = `Failed to create endpoint for service ${namespace}/${name}: ${messageOf(error)}`;
    recorder.event(service, 'Warning', 'FailedToCreateEndpoint', message);
  }
}

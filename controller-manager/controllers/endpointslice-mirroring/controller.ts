/**
 * Mirrors Endpoints that people keep for Services without a selector into EndpointSlices, which is what proxies read. Upstream:
 * `pkg/controller/endpointslicemirroring`.
 */
import { type Endpoints, endpoints } from '../../../api/core/v1/endpoints';
import { type Service, services } from '../../../api/core/v1/service';
import { type EndpointSlice, endpointSlices } from '../../../api/discovery/v1/endpointslice';
import { selectorFromMap } from '../../../api/meta/selectors';
import { isNotFound } from '../../../api/meta/status-error';
import { splitKey, type Stored } from '../../../api/meta/types';
import { defineController, enqueueSelf, type ReconcileResult, watch } from '../../../client/controller';
import type { EventRecorder } from '../../../client/event-recorder';
import type { Lister } from '../../../client/informer';
import type { RestClient } from '../../../client/rest-client';
import { eventWriter } from '../../event-writer';
import type { ManagerDeps } from '../../manager-deps';
import { hasSelector } from '../endpoints/endpoint-pods';
import { managedByLabel, serviceNameLabel } from '../endpointslice/build-slice';
import { sliceWriter, trackOwnSlices, watchOwnSlices } from '../endpointslice/own-slices';
import type { SliceTracker } from '../endpointslice/slice-tracker';
import { isNamespaceTerminating } from '../pod-control';
import { mirrorManager, planMirror } from './plan-mirror';

const skipMirrorLabel = 'endpointslice.kubernetes.io/skip-mirror';
const leaderAnnotation = 'control-plane.alpha.kubernetes.io/leader';

/** The slice's arrival in the cache normally wakes the Endpoints before this. */
const staleCacheRetryMs = 1000;

interface MirrorContext {
  client: RestClient;
  recorder: EventRecorder;
  tracker: SliceTracker;
  maxEndpointsPerSubset: number;
  endpointsLister: Lister<Endpoints>;
  serviceLister: Lister<Service>;
  sliceLister: Lister<EndpointSlice>;
}

const isMirrored = ({ metadata }: Endpoints): boolean =>
  metadata?.labels?.[skipMirrorLabel] !== 'true' && metadata?.annotations?.[leaderAnnotation] === undefined;

export const endpointSliceMirroringController = defineController<ManagerDeps>({
  name: 'endpointslice-mirroring-controller',
  workers: 5,
  watches: [
    // Both have the name of the Service.
    watch(endpoints, enqueueSelf),
    watch(services, enqueueSelf),
    watchOwnSlices(mirrorManager),
  ],
  permissions: [
    { apiGroups: [''], resources: ['endpoints', 'services'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: [''], resources: ['endpoints/finalizers', 'services/finalizers'], verbs: ['update'] },
    sliceWriter,
    eventWriter,
  ],
  create(deps) {
    const sliceInformer = deps.informers.informer(endpointSlices);
    const tracker = trackOwnSlices(mirrorManager, sliceInformer);
    const context: MirrorContext = {
      client: deps.client,
      recorder: deps.recorder,
      tracker,
      maxEndpointsPerSubset: deps.config.mirroringMaxEndpointsPerSubset,
      endpointsLister: deps.informers.informer(endpoints).lister,
      serviceLister: deps.informers.informer(services).lister,
      sliceLister: sliceInformer.lister,
    };
    return { reconcile: (key) => reconcileMirror(context, key) };
  },
});

async function reconcileMirror(context: MirrorContext, key: string): Promise<ReconcileResult> {
  const { endpointsLister, serviceLister, tracker, recorder, maxEndpointsPerSubset } = context;
  const source = endpointsLister.get(key);
  const service = serviceLister.get(key);
  const mirrors = mirrorsOf(context, key);
  if (!source || !isMirrored(source) || !service || hasSelector(service)) {
    for (const slice of mirrors) await remove(context, key, slice);
    return tracker.forget(key);
  }
  if (tracker.isStale(key, context.sliceLister)) return { requeueAfterMs: staleCacheRetryMs };
  const plan = planMirror(source, mirrors, maxEndpointsPerSubset);
  if (plan.skipped > 0) {
    const limit = `A max of ${maxEndpointsPerSubset} addresses can be mirrored to EndpointSlices per Endpoints subset.`;
    const message = `${limit} ${plan.skipped} addresses were skipped`;
    recorder.event(source, 'Warning', 'TooManyAddressesToMirror', message);
  }
  const create = source.metadata.deletionTimestamp ? [] : plan.create;
  try {
    for (const slice of create) tracker.wrote(key, await context.client.create(endpointSlices, slice));
    for (const slice of plan.update) tracker.wrote(key, await context.client.update(endpointSlices, slice));
    for (const slice of plan.remove) await remove(context, key, slice);
  } catch (error) {
    if (!isNamespaceTerminating(error)) throw error;
  }
}

function mirrorsOf({ sliceLister }: MirrorContext, key: string): Stored<EndpointSlice>[] {
  const { namespace, name } = splitKey(key);
  const selector = selectorFromMap({ [serviceNameLabel]: name, [managedByLabel]: mirrorManager });
  return sliceLister.list({ namespace, selector }).filter(({ metadata }) => !metadata.deletionTimestamp);
}

async function remove({ client, tracker }: MirrorContext, key: string, slice: Stored<EndpointSlice>): Promise<void> {
  const { name, namespace, uid } = slice.metadata;
  try {
    await client.delete(endpointSlices, name, namespace, { preconditions: { uid } });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  tracker.forgetSlice(key, uid);
}

/**
 * Says that ServiceCIDRs are ready, and keeps those being deleted until no Service needs them. Upstream:
 * `pkg/controller/servicecidrs`.
 */
import { setCondition } from '../../../api/meta/conditions';
import { isNotFound } from '../../../api/meta/status-error';
import type { KubeObject, Stored } from '../../../api/meta/types';
import { isAllocated, type IpAddress, ipAddresses } from '../../../api/networking/v1/ipaddress';
import { prefixContains, prefixContainsPrefix } from '../../../api/networking/v1/prefixes';
import { type ServiceCidr, serviceCidrs } from '../../../api/networking/v1/servicecidr';
import {
  type ControllerDeps,
  defineController,
  type Enqueue,
  type ReconcileResult,
  watch,
} from '../../../client/controller';
import type { Lister } from '../../../client/informer';
import type { RestClient } from '../../../client/rest-client';
import { type Clock, formatTime } from '../../../component-base/clock';
import { eventWriter } from '../../event-writer';
import { withoutFinalizer } from '../storage-protection/without-finalizer';
import { canDelete } from './plan-deletion';

const finalizer = 'networking.k8s.io/service-cidr-finalizer';

/** API servers may still allocate from a range whose deletion they have not seen. */
const deletionGraceMs = 10_000;

const namesWhere = (deps: ControllerDeps, matches: (cidr: string) => boolean): string[] =>
  deps.informers
    .informer(serviceCidrs)
    .lister.list()
    .filter(({ spec }) => spec?.cidrs?.some(matches))
    .map(({ metadata }) => metadata.name);

/** A range, and those in it or around it, whose deletion may depend on it. */
const enqueueOverlapping: Enqueue<ServiceCidr, ControllerDeps> = ({ metadata, spec }, _old, deps) => {
  const overlaps = (cidr: string): boolean =>
    (spec?.cidrs ?? []).some((own) => prefixContainsPrefix(own, cidr) || prefixContainsPrefix(cidr, own));
  return new Set([metadata.name, ...namesWhere(deps, overlaps)]);
};

const enqueueContaining: Enqueue<IpAddress, ControllerDeps> = (address, _old, deps) =>
  isAllocated(address) ? namesWhere(deps, (cidr) => prefixContains(cidr, address.metadata.name)) : [];

interface ServiceCidrContext {
  client: RestClient;
  clock: Clock;
  cidrLister: Lister<ServiceCidr>;
  addressLister: Lister<IpAddress>;
}

export const serviceCidrController = defineController<ControllerDeps>({
  name: 'service-cidr-controller',
  workers: 5,
  watches: [watch(serviceCidrs, enqueueOverlapping), watch(ipAddresses, enqueueContaining)],
  permissions: [
    { apiGroups: ['networking.k8s.io'], resources: ['servicecidrs'], verbs: ['get', 'list', 'watch', 'update'] },
    { apiGroups: ['networking.k8s.io'], resources: ['servicecidrs/status'], verbs: ['update'] },
    { apiGroups: ['networking.k8s.io'], resources: ['ipaddresses'], verbs: ['get', 'list', 'watch'] },
    eventWriter,
  ],
  create({ client, clock, informers }) {
    const context: ServiceCidrContext = {
      client,
      clock,
      cidrLister: informers.informer(serviceCidrs).lister,
      addressLister: informers.informer(ipAddresses).lister,
    };
    return {
      async reconcile(key) {
        const serviceCidr = context.cidrLister.get(key);
        if (!serviceCidr) return;
        try {
          return await (serviceCidr.metadata.deletionTimestamp
            ? finalize(context, serviceCidr)
            : welcome(context, serviceCidr));
        } catch (error) {
          if (!isNotFound(error)) throw error;
        }
      },
    };
  },
});

async function welcome(context: ServiceCidrContext, serviceCidr: Stored<ServiceCidr>): Promise<void> {
  const { finalizers = [] } = serviceCidr.metadata;
  const current = finalizers.includes(finalizer)
    ? serviceCidr
    : await context.client.update(serviceCidrs, withFinalizer(serviceCidr));
  await setReady(context, current, { status: 'True', reason: '', message: 'Kubernetes Service CIDR is ready' });
}

const withFinalizer = <T extends KubeObject>(object: T): T => ({
  ...object,
  metadata: { ...object.metadata, finalizers: [...(object.metadata?.finalizers ?? []), finalizer] },
});

async function finalize(context: ServiceCidrContext, serviceCidr: Stored<ServiceCidr>): Promise<ReconcileResult> {
  const { deletionTimestamp = '', finalizers = [] } = serviceCidr.metadata;
  if (!finalizers.includes(finalizer)) return;
  const addresses = context.addressLister.list().filter(isAllocated);
  if (!canDelete(serviceCidr, context.cidrLister.list(), addresses)) {
    const message =
      'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR';
    return setReady(context, serviceCidr, { status: 'False', reason: 'Terminating', message });
  }
  const leftMs = deletionGraceMs - (context.clock.now() - Date.parse(deletionTimestamp));
  if (leftMs > 0) return { requeueAfterMs: leftMs };
  await context.client.update(serviceCidrs, withoutFinalizer(serviceCidr, finalizer));
}

async function setReady(
  { client, clock }: ServiceCidrContext,
  serviceCidr: Stored<ServiceCidr>,
  facts: { status: 'True' | 'False'; reason: string; message: string },
): Promise<void> {
  const conditions = [...(serviceCidr.status?.conditions ?? [])];
  const now = formatTime(clock.now());
  if (!setCondition(conditions, { type: 'Ready', lastTransitionTime: now, ...facts }, now)) return;
  await client.updateStatus(serviceCidrs, { ...serviceCidr, status: { conditions } });
}

/**
 * Makes IPAddresses and the cluster IPs of Services agree: a Service of before, or one whose IPAddress somebody deleted, gets it
 * again; an IPAddress whose Service never came, or went without it, goes. Upstream: `ipallocator/controller/repairip.go`.
 */
import { type Service, services } from '../../api/core/v1/service';
import { isAlreadyExists, isConflict, isNotFound } from '../../api/meta/status-error';
import { keyOf, type Stored } from '../../api/meta/types';
import { isAllocated, type IpAddress, ipAddresses } from '../../api/networking/v1/ipaddress';
import type { AddressAllocator } from '../registry/kinds/address-allocator';
import { hasAllocatorLabels, holdsAddress, newIpAddress, refersToService } from '../registry/kinds/service-addresses';
import { addressesOf } from '../registry/kinds/service-allocations';
import type { Loopback } from '../registry/loopback';
import type { ApiServerController } from './controller';
import { settle } from './settle';

/** A younger one may be about to get its Service. */
const orphanAfterMs = 60_000;

export interface AddressRepair {
  /** What Services hold without an IPAddress that says so; an IPAddress that says otherwise is replaced. */
  create: { service: Stored<Service>; address: string; instead?: Stored<IpAddress> }[];
  remove: Stored<IpAddress>[];
  /** Addresses that two Services hold: one has to be made anew. */
  shared: { service: Stored<Service>; address: string }[];
}

/** Pure. */
export function planAddressRepair(
  allServices: readonly Stored<Service>[],
  addresses: readonly Stored<IpAddress>[],
  nowMs: number,
): AddressRepair {
  const plan: AddressRepair = { create: [], remove: [], shared: [] };
  const byName = new Map(addresses.map((address) => [address.metadata.name, address]));
  const byKey = new Map(allServices.map((service) => [keyOf(service), service]));
  const ownerOf = ({ spec }: IpAddress): Stored<Service> | undefined =>
    byKey.get(`${spec?.parentRef?.namespace}/${spec?.parentRef?.name}`);
  const ownerHolds = (found: Stored<IpAddress>): boolean =>
    refersToService(found) && addressesOf(ownerOf(found)).includes(found.metadata.name);

  for (const service of allServices) {
    for (const address of addressesOf(service)) {
      const found = byName.get(address);
      if (!found) plan.create.push({ service, address });
      else if (holdsAddress(found, service)) {
        if (!hasAllocatorLabels(found)) plan.create.push({ service, address, instead: found });
      } else if (ownerHolds(found)) plan.shared.push({ service, address });
      else plan.create.push({ service, address, instead: found });
    }
  }
  const replaced = new Set(plan.create.map(({ address }) => address));
  for (const found of addresses) {
    const { name, creationTimestamp } = found.metadata;
    const isOld = nowMs - Date.parse(creationTimestamp) > orphanAfterMs;
    if (isAllocated(found) && isOld && !replaced.has(name) && !ownerHolds(found)) plan.remove.push(found);
  }
  return plan;
}

export function addressRepair(loopback: Loopback, allocator: AddressAllocator): ApiServerController {
  const { clock, log, context } = loopback;
  const serviceView = loopback.view(services);
  const addressView = loopback.view(ipAddresses);

  const create = async ({ service, address, instead }: AddressRepair['create'][number]): Promise<void> => {
    // The view may be behind: only a Service that holds the address now gets it.
    const { name, namespace = '' } = service.metadata;
    const { object: current } = await loopback.stores.of(services).get(context, namespace, name);
    if (!addressesOf(current).includes(address)) return;
    if (!allocator.isInRange(address)) {
      log.warn(
        { service: keyOf(service), address },
        'the cluster IP is not within any service CIDR; recreate the service',
      );
      return;
    }
    log.info({ service: keyOf(service), address }, 'the cluster IP is not allocated; repairing');
    if (instead) await remove(instead);
    await loopback.stores.of(ipAddresses).create(context, '', newIpAddress(service, address));
  };

  const remove = async ({ metadata: { name, uid } }: Stored<IpAddress>): Promise<void> => {
    await loopback.stores.of(ipAddresses).delete(context, '', name, { preconditions: { uid } });
  };

  const isSettled = (error: unknown): boolean => isNotFound(error) || isConflict(error) || isAlreadyExists(error);
  const ignoreSettled = (error: unknown): void => {
    if (!isSettled(error)) throw error;
  };

  const repair = async (): Promise<void> => {
    const plan = planAddressRepair(serviceView.list(), addressView.list(), clock.now());
    for (const { service, address } of plan.shared) {
      log.warn({ service: keyOf(service), address }, 'the cluster IP belongs to several services; recreate one');
    }
    for (const missing of plan.create) await create(missing).catch(ignoreSettled);
    for (const orphan of plan.remove) await remove(orphan).catch(ignoreSettled);
  };

  let following = false;
  return {
    name: 'start-service-ip-repair-controllers',
    everyMs: 60_000,
    async start(signal) {
      await Promise.all([serviceView.waitForSync(signal), addressView.waitForSync(signal)]);
      await repair();
      if (following) return;
      following = true;
      addressView.addHandler({ delete: settle(loopback, repair, 'could not repair the addresses of services') });
    },
  };
}

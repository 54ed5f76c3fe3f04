/**
 * Allocates what a Service needs before it is written and releases what it no longer holds after. What was allocated for a
 * write that then fails is released again. Upstream: `registry/core/service/storage/{storage,alloc}.go`.
 */
import type { Service } from '../../../api/core/v1/service';
import { isHeadless, needsClusterIp, needsHealthCheck, needsNodePort } from '../../../api/core/v1/service/facts';
import { type FieldError, FieldPath, invalid } from '../../../api/meta/field-error';
import { newInternalError, newInvalid, type StatusError } from '../../../api/meta/status-error';
import type { Logger } from '../../../component-base/logger';
import type { StoreHooks } from '../store';
import { setIpFamilies } from './ip-families';
import type { AddressAllocator } from './address-allocator';
import { AllocationError, type RangeAllocator } from './range-allocator';
import { addressesOf, nodePortsOf, siblingNodePort } from './service-allocations';

export interface ServiceHookDeps {
  addresses: AddressAllocator;
  nodePorts: RangeAllocator;
  log: Logger;
}

/** What one write has taken so far. */
interface Taken {
  addresses: string[];
  nodePorts: string[];
  dryRun: boolean;
}

export function createServiceHooks(deps: ServiceHookDeps): StoreHooks<Service> {
  const { addresses, nodePorts, log } = deps;

  const invalidService = (service: Service, error: FieldError): StatusError =>
    newInvalid({ group: '', kind: 'Service' }, service.metadata?.name ?? '', [error]);

  /** Releases in the background; the repair loop finds what could not be released. */
  const release = (service: Service, held: Pick<Taken, 'addresses' | 'nodePorts'>): void => {
    const warn = (error: unknown): void => log.warn({ err: error, ...held }, 'could not release');
    if (held.addresses.length) addresses.release(service, held.addresses).catch(warn);
    if (held.nodePorts.length) nodePorts.release(held.nodePorts).catch(warn);
  };

  const rollback = (service: Service, taken: Taken): void => {
    if (!taken.dryRun) release(service, taken);
  };

  const allocateAddress = async (service: Service, taken: Taken): Promise<void> => {
    const { spec } = service;
    if (!spec || !needsClusterIp(service) || isHeadless(spec)) {
      if (spec && isHeadless(spec)) spec.clusterIPs = ['None'];
      return;
    }
    const wanted = spec.clusterIP || spec.clusterIPs?.[0];
    try {
      if (wanted) await addresses.allocate(service, wanted, taken.dryRun);
      spec.clusterIP = wanted || (await addresses.allocateNext(service, taken.dryRun));
    } catch (error) {
      if (!(error instanceof AllocationError)) throw error;
      if (!wanted) throw newInternalError(new Error(`failed to allocate a serviceIP: ${error.message}`));
      const path = FieldPath.of('spec', 'clusterIPs');
      throw invalidService(service, invalid(path, [wanted], `failed to allocate IP ${wanted}: ${error.message}`));
    }
    spec.clusterIPs = [spec.clusterIP];
    taken.addresses.push(spec.clusterIP);
  };

  /** Takes one port: the wanted one, or any. `held` are those this service already has. */
  const takePort = async (
    service: Service,
    wanted: number | undefined,
    path: FieldPath,
    held: ReadonlySet<string>,
    taken: Taken,
  ): Promise<number> => {
    if (wanted && (held.has(String(wanted)) || taken.nodePorts.includes(String(wanted)))) return wanted;
    let port = wanted;
    try {
      if (wanted) await nodePorts.allocate(String(wanted), taken.dryRun);
      else port = Number(await nodePorts.allocateNext(taken.dryRun, taken.nodePorts));
    } catch (error) {
      if (!(error instanceof AllocationError)) throw error;
      if (!wanted) throw newInternalError(new Error(`failed to allocate a nodePort: ${error.message}`));
      throw invalidService(service, invalid(path, wanted, error.message));
    }
    taken.nodePorts.push(String(port));
    return port!;
  };

  /** Never one of the service's own node ports, and an internal error when it cannot be had: as upstream. */
  const takeHealthCheckPort = async (wanted: number | undefined, taken: Taken): Promise<number> => {
    try {
      if (wanted && taken.nodePorts.includes(String(wanted))) {
        throw new AllocationError('provided port is already allocated');
      }
      if (wanted) await nodePorts.allocate(String(wanted), taken.dryRun);
      const port = wanted || Number(await nodePorts.allocateNext(taken.dryRun, taken.nodePorts));
      taken.nodePorts.push(String(port));
      return port;
    } catch (error) {
      if (!(error instanceof AllocationError)) throw error;
      const what = wanted ? `requested HealthCheck NodePort ${wanted}` : 'a HealthCheck NodePort 0';
      throw newInternalError(new Error(`failed to allocate ${what}: ${error.message}`));
    }
  };

  const allocatePorts = async (service: Service, old: Service | undefined, taken: Taken): Promise<void> => {
    const { spec } = service;
    if (!spec) return;
    const held = new Set(nodePortsOf(old));
    if (needsNodePort(service)) {
      for (const [index, port] of (spec.ports ?? []).entries()) {
        const path = FieldPath.of('spec', 'ports').index(index).child('nodePort');
        const wanted = port.nodePort || siblingNodePort(port, spec.ports ?? []);
        port.nodePort = await takePort(service, wanted, path, held, taken);
      }
    }
    const before = old && needsHealthCheck(old) ? old.spec?.healthCheckNodePort : undefined;
    if (needsHealthCheck(service) && (!before || before !== spec.healthCheckNodePort)) {
      spec.healthCheckNodePort = await takeHealthCheckPort(spec.healthCheckNodePort, taken);
    }
  };

  /** Runs the allocations; undoes all of them when one fails. */
  const begin = async (
    service: Service,
    dryRun: boolean,
    run: (taken: Taken) => Promise<void>,
  ): Promise<() => void> => {
    const taken: Taken = { addresses: [], nodePorts: [], dryRun };
    try {
      await run(taken);
    } catch (error) {
      rollback(service, taken);
      throw error;
    }
    return () => rollback(service, taken);
  };

  const without = (values: string[], kept: string[]): string[] => values.filter((value) => !kept.includes(value));

  return {
    beginCreate: (context, service) =>
      begin(service, context.dryRun, async (taken) => {
        setIpFamilies(service);
        await allocateAddress(service, taken);
        await allocatePorts(service, undefined, taken);
      }),
    beginUpdate: (context, service, old) =>
      begin(service, context.dryRun, async (taken) => {
        setIpFamilies(service);
        if (needsClusterIp(service) && !needsClusterIp(old)) await allocateAddress(service, taken);
        await allocatePorts(service, old, taken);
      }),
    afterUpdate(service, old) {
      release(service, {
        addresses: without(addressesOf(old), addressesOf(service)),
        nodePorts: without(nodePortsOf(old), nodePortsOf(service)),
      });
    },
    afterDelete(service) {
      release(service, { addresses: addressesOf(service), nodePorts: nodePortsOf(service) });
    },
  };
}

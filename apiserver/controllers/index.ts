/** Everything an API server starts after it serves, in order. */
import { localApiServices, localVersionsOf } from '../aggregation/local-api-services';
import { crdFinalizerController, crdStatusController } from '../apiextensions/crd-controllers';
import type { CustomResources } from '../apiextensions/serving';
import type { RequestHeaderOptions } from '../authentication/request-header';
import { latest } from '../endpoints/discovery/latest';
import type { ResourceTable } from '../endpoints/served-resource';
import type { Loopback } from '../registry/loopback';
import type { ServiceAllocators } from '../registry/kinds';
import { clusterInfo, extensionAuthentication } from './config-maps';
import { clusterRoleAggregation } from './cluster-role-aggregation';
import { type ApiServerController, repeat, startUntilDone } from './controller';
import { defaultServiceCidr } from './default-service-cidr';
import type { FairLimiter } from '../flow-control/priority-and-fairness';
import { flowControl } from './flow-control';
import { kubernetesService } from './kubernetes-service';
import { policyTypeChecking } from './policy-type-checking';
import { systemPriorityClasses } from './priority-classes';
import { rbacBootstrap } from './rbac-bootstrap';
import { serverIdentity, serverIdentityCollector } from './server-identity';
import { serviceRepair } from './service-repair';
import { systemNamespaces } from './system-namespaces';

export interface ApiServerControllersDeps {
  loopback: Loopback;
  allocators: ServiceAllocators;
  customResources: CustomResources;
  /** The kinds that this server serves now. */
  table: ResourceTable;
  /** Whether RBAC authorizes; without it there is nothing to bootstrap. */
  rbac: boolean;
  /** What is to be told of flow schemas and priority levels. */
  fairLimiter?: FairLimiter;
  advertiseAddress: string;
  securePort: number;
  /** PEM of the CA of client certificates. */
  clientCaPem?: string;
  /** How front proxies are known, for the extension servers that this server is one to. */
  requestHeader?: RequestHeaderOptions;
  /** For the cluster-info ConfigMap: the URL and the CA by which nodes reach this cluster. */
  clusterInfo?: { server: string; caPem: string };
}

export const createApiServerControllers = (deps: ApiServerControllersDeps): ApiServerController[] => {
  const { loopback, allocators } = deps;
  return [
    systemNamespaces(loopback),
    serviceRepair(loopback, allocators),
    ...(deps.rbac ? [clusterRoleAggregation(loopback), rbacBootstrap(loopback)] : []),
    crdStatusController(loopback),
    crdFinalizerController(loopback, deps.customResources),
    policyTypeChecking(loopback, deps.table),
    systemPriorityClasses(loopback),
    defaultServiceCidr(loopback, allocators.addresses.range.text),
    ...(deps.fairLimiter ? [flowControl(loopback, deps.fairLimiter)] : []),
    kubernetesService(loopback, {
      serviceAddress: allocators.addresses.range.valueOf(0),
      advertiseAddress: deps.advertiseAddress,
      securePort: deps.securePort,
    }),
    serverIdentity(loopback, `${deps.advertiseAddress}:${deps.securePort}`),
    serverIdentityCollector(loopback),
    localApiServices(loopback, latest(deps.table.definitions, localVersionsOf)),
    extensionAuthentication(loopback, deps),
    ...(deps.clusterInfo ? [clusterInfo(loopback, deps.clusterInfo)] : []),
  ];
};

/**
 * Starts all of them, the namespaces first since the others write into them. Resolves when each has done its work once: then the
 * server is ready. They go on until the loopback's signal aborts. Gives what is to be done when the server begins to shut down.
 */
export async function runControllers(deps: ApiServerControllersDeps): Promise<() => Promise<void>> {
  const { clock, log, signal } = deps.loopback;
  const [first, ...others] = createApiServerControllers(deps);
  await startUntilDone(first!, { clock, log, signal });
  void repeat(first!, { clock, log, signal });
  await Promise.all(
    others.map(async (controller) => {
      await startUntilDone(controller, { clock, log, signal });
      void repeat(controller, { clock, log, signal });
    }),
  );
  return async () => {
    await Promise.all(others.map((controller) => controller.end?.()));
  };
}

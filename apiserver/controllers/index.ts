/** Everything an API server keeps in order by itself: what must be there before it listens, and the rest once it does. */
import type { Health } from '../../component-base/health';
import { localApiServices } from '../aggregation/local-api-services';
import { crdFinalizerController, crdStatusController } from '../apiextensions/crd-controllers';
import type { CustomResources } from '../apiextensions/serving';
import type { RequestHeaderOptions } from '../authentication/request-header';
import type { DynamicResourceTable } from '../endpoints/served-resource';
import type { Loopback } from '../registry/loopback';
import type { ServiceAllocators } from '../registry/kinds';
import { addressRepair } from './address-repair';
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
import { nodePortRepair } from './node-port-repair';
import { systemNamespaces } from './system-namespaces';

export interface ApiServerControllersDeps {
  loopback: Loopback;
  health: Health;
  allocators: ServiceAllocators;
  customResources: CustomResources;
  /** The kinds that this server serves now. */
  table: DynamicResourceTable;
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

/** Without roles and bindings every request would be refused: clients rather find nobody listening yet. */
const createFirstControllers = (loopback: Loopback, rbac: boolean): ApiServerController[] => [
  systemNamespaces(loopback),
  ...(rbac ? [rbacBootstrap(loopback)] : []),
];

const createControllers = (deps: ApiServerControllersDeps): ApiServerController[] => {
  const { loopback, allocators } = deps;
  return [
    addressRepair(loopback, allocators.addresses),
    nodePortRepair(loopback, allocators.nodePorts),
    ...(deps.rbac ? [clusterRoleAggregation(loopback)] : []),
    crdStatusController(loopback),
    crdFinalizerController(loopback, deps.customResources),
    policyTypeChecking(loopback, deps.table),
    systemPriorityClasses(loopback),
    defaultServiceCidr(loopback, allocators.addresses.defaultRange.text),
    ...(deps.fairLimiter ? [flowControl(loopback, deps.fairLimiter)] : []),
    kubernetesService(loopback, {
      serviceAddress: allocators.addresses.defaultRange.valueOf(0),
      advertiseAddress: deps.advertiseAddress,
      securePort: deps.securePort,
    }),
    serverIdentity(loopback, `${deps.advertiseAddress}:${deps.securePort}`),
    serverIdentityCollector(loopback),
    localApiServices(loopback, deps.table),
    extensionAuthentication(loopback, deps),
    ...(deps.clusterInfo ? [clusterInfo(loopback, deps.clusterInfo)] : []),
  ];
};

/** Resolves when the namespaces and then the roles are there, since the roles go into the namespaces. Both are kept so. */
export async function runFirstControllers(loopback: Loopback, health: Health, rbac: boolean): Promise<void> {
  for (const controller of createFirstControllers(loopback, rbac)) await run(controller, loopback, health);
}

/**
 * Starts the others. Resolves when each has done its work once: then the server is ready. They go on until the loopback's
 * signal aborts. Gives what is to be done when the server begins to shut down.
 */
export async function runControllers(deps: ApiServerControllersDeps): Promise<() => Promise<void>> {
  const controllers = createControllers(deps);
  await Promise.all(controllers.map((controller) => run(controller, deps.loopback, deps.health)));
  return async () => {
    await Promise.all(controllers.map((controller) => controller.end?.()));
  };
}

/** Until it has done its work once, the server is not healthy: a check of its own says so. */
async function run(controller: ApiServerController, { clock, log, signal }: Loopback, health: Health): Promise<void> {
  let done = false;
  health.add(`poststarthook/${controller.name}`, () => {
    if (!done) throw new Error('not finished');
  });
  await startUntilDone(controller, { clock, log, signal });
  done = true;
  void repeat(controller, { clock, log, signal });
}

/**
 * APIServices of what this server serves itself, so that `kubectl get apiservices` lists it: built-in group versions, and those
 * of custom resources as they come and go. Upstream: kube-aggregator `pkg/controllers/autoregister`.
 */
import { type ApiService, apiServices } from '../../api/apiregistration/v1/apiservice';
import { deepEqual } from '../../api/meta/json';
import type { ResourceDefinition } from '../../api/meta/resource-definition';
import { isNotFound } from '../../api/meta/status-error';
import type { Stored } from '../../api/meta/types';
import type { ApiServerController } from '../controllers/controller';
import { ensure } from '../controllers/ensure';
import { settle } from '../controllers/settle';
import { type DynamicResourceTable, servedVersionsOf } from '../endpoints/served-resource';
import type { Loopback } from '../registry/loopback';

export interface LocalVersion {
  group: string;
  version: string;
  custom: boolean;
}

/** The group versions of these kinds. */
export function localVersionsOf(definitions: readonly ResourceDefinition[]): LocalVersion[] {
  const found = new Map<string, LocalVersion>();
  for (const definition of definitions) {
    for (const { group, version, apiVersion } of servedVersionsOf(definition)) {
      found.set(apiVersion, { group, version, custom: definition.custom !== undefined });
    }
  }
  return [...found.values()];
}

const managedLabel = 'kube-aggregator.kubernetes.io/automanaged';

/** Upstream's apiVersionPriorities: the order of groups, and of versions within one. */
const groupPriorities: Readonly<Record<string, number>> = {
  '': 18000,
  'apiregistration.k8s.io': 18000,
  apps: 17800,
  'events.k8s.io': 17750,
  'authentication.k8s.io': 17700,
  'authorization.k8s.io': 17600,
  autoscaling: 17500,
  batch: 17400,
  'certificates.k8s.io': 17300,
  'networking.k8s.io': 17200,
  policy: 17100,
  'rbac.authorization.k8s.io': 17000,
  'storage.k8s.io': 16800,
  'apiextensions.k8s.io': 16700,
  'admissionregistration.k8s.io': 16700,
  'scheduling.k8s.io': 16600,
  'coordination.k8s.io': 16500,
  'node.k8s.io': 16300,
  'discovery.k8s.io': 16200,
  'flowcontrol.apiserver.k8s.io': 16100,
};
const customPriority = { group: 1000, version: 100 };

export function localApiService({ group, version, custom }: LocalVersion): ApiService {
  const major = Number(/^v(\d+)$/.exec(version)?.[1] ?? 0);
  const groupPriorityMinimum = custom ? customPriority.group : (groupPriorities[group] ?? customPriority.group);
  const builtInPriority = group === '' ? 1 : 15 * Math.max(1, major);
  return {
    metadata: { name: `${version}.${group}`, labels: { [managedLabel]: custom ? 'true' : 'onstart' } },
    spec: { group, version, groupPriorityMinimum, versionPriority: custom ? customPriority.version : builtInPriority },
  };
}

export interface LocalApiServicePlan {
  /** Missing, or no longer what they should be. */
  write: ApiService[];
  /** Of what is served no more. */
  remove: Stored<ApiService>[];
}

/** What somebody else registered under the same name is left alone. */
export function planLocalApiServices(
  served: readonly LocalVersion[],
  registered: readonly Stored<ApiService>[],
): LocalApiServicePlan {
  const wanted = new Map(served.map((local) => [`${local.version}.${local.group}`, localApiService(local)]));
  const known = new Map(registered.map((apiService) => [apiService.metadata.name, apiService]));
  return {
    write: [...wanted].flatMap(([name, apiService]) => {
      const current = known.get(name);
      return !current || (isManaged(current) && !deepEqual(current.spec, apiService.spec)) ? [apiService] : [];
    }),
    remove: registered.filter((apiService) => isManaged(apiService) && !wanted.has(apiService.metadata.name)),
  };
}

const isManaged = ({ metadata }: ApiService): boolean => metadata?.labels?.[managedLabel] !== undefined;

/** Follows what the table serves, and puts back what somebody took away or changed. */
export function localApiServices(
  loopback: Loopback,
  table: Pick<DynamicResourceTable, 'definitions' | 'onChange'>,
): ApiServerController {
  const view = loopback.view(apiServices);

  const write = (apiService: ApiService): Promise<unknown> =>
    ensure(loopback, apiServices, apiService, (known) => {
      if (isManaged(known)) known.spec = apiService.spec;
    });
  const remove = async ({ metadata: { name, uid } }: Stored<ApiService>): Promise<void> => {
    try {
      await loopback.stores.of(apiServices).delete(loopback.context, '', name, { preconditions: { uid } });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  };
  const sync = async (): Promise<void> => {
    const plan = planLocalApiServices(localVersionsOf(table.definitions()), view.list());
    await Promise.all([...plan.write.map(write), ...plan.remove.map(remove)]);
  };
  const schedule = settle(loopback, sync, 'cannot register what is served here');

  return {
    name: 'apiservice-registration-controller',
    async start(signal) {
      await view.waitForSync(signal);
      await sync();
      table.onChange(schedule);
      view.addHandler({ update: schedule, delete: schedule });
    },
  };
}

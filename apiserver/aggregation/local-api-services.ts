/**
 * APIServices of what this server serves itself, so that `kubectl get apiservices` lists it: built-in group versions, and those
 * of custom resources as they come and go. Upstream: kube-aggregator `pkg/controllers/autoregister`.
 */
import { type ApiService, apiServices } from '../../api/apiregistration/v1/apiservice';
import type { ResourceDefinition } from '../../api/meta/resource-definition';
import { isNotFound } from '../../api/meta/status-error';
import type { ApiServerController } from '../controllers/controller';
import { ensure } from '../controllers/ensure';
import { servedVersionsOf } from '../endpoints/served-resource';
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

/** `versions` gives what is served now. What somebody else registered under the same name is left alone. */
export function localApiServices(loopback: Loopback, versions: () => readonly LocalVersion[]): ApiServerController {
  const view = loopback.view(apiServices);
  let synced: readonly LocalVersion[] | undefined;

  async function sync(): Promise<void> {
    const current = versions();
    if (current === synced) return;
    const wanted = new Map(current.map((local) => [`${local.version}.${local.group}`, localApiService(local)]));
    await Promise.all(
      [...wanted.values()].map((apiService) =>
        ensure(loopback, apiServices, apiService, (known) => {
          if (known.metadata?.labels?.[managedLabel]) known.spec = apiService.spec;
        }),
      ),
    );
    const gone = view.list().filter(({ metadata }) => metadata.labels?.[managedLabel] && !wanted.has(metadata.name));
    for (const { metadata } of gone) {
      await loopback.stores
        .of(apiServices)
        .delete(loopback.context, '', metadata.name, { preconditions: { uid: metadata.uid } })
        .catch((error: unknown) => {
          if (!isNotFound(error)) throw error;
        });
    }
    synced = current;
  }

  return { name: 'apiservice-registration-controller', everyMs: 1_000, start: sync };
}

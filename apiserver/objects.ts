/** The objects of the server: which storage, hooks and admission each kind has, built in or defined by a custom resource. */
import { resources } from '../api/resources';
import type { Admission } from './admission/admission';
import { createCustomResources, type CustomResources } from './apiextensions/serving';
import type { AuthorizerChain } from './authorization';
import { matchesLinear } from './cel';
import type { DynamicResourceTable } from './endpoints/served-resource';
import type { ApiServerFlags } from './flags';
import { createServiceAllocators, createStoreHooks, type ServiceAllocators } from './registry/kinds';
import { computeComponentStatuses } from './registry/kinds/component-statuses';
import type { Loopback } from './registry/loopback';
import { createStores, type Stores } from './registry/store';
import type { StorageBackend } from './storage/backend';
import type { WebhookClient } from './webhook-client';

export interface Objects {
  stores: Stores;
  /** Of cluster addresses and node ports. */
  allocators: ServiceAllocators;
  customResources: CustomResources;
}

export interface ObjectsDeps {
  loopback: Loopback;
  table: DynamicResourceTable;
  backend: StorageBackend;
  authorizer: AuthorizerChain;
  admission: Admission;
  webhooks: WebhookClient;
}

/** Makes the stores and attaches the loopback to them. */
export function createObjects(
  flags: Pick<ApiServerFlags, 'serviceClusterIpRange' | 'serviceNodePortRange' | 'eventTtl'>,
  { loopback, table, backend, authorizer, admission, webhooks }: ObjectsDeps,
): Objects {
  const allocators = createServiceAllocators({
    loopback,
    serviceCidr: flags.serviceClusterIpRange,
    nodePortRange: flags.serviceNodePortRange,
  });
  const validation = { matches: matchesLinear };
  const customResources = createCustomResources({ loopback, table, backend, webhooks, validation });
  const storageFor: StorageBackend['storageFor'] = (definition) =>
    customResources.storageFor(definition) ?? backend.storageFor(definition);
  const stores = createStores({
    storageFor,
    admission,
    hooks: createStoreHooks({ loopback, authorizer, allocators }),
    computed: { componentstatuses: computeComponentStatuses({ loopback, checkEtcd: () => backend.checkEtcd() }) },
    clock: loopback.clock,
    ttlSeconds: ({ ttlSeconds }) => (ttlSeconds === undefined ? undefined : flags.eventTtl / 1000),
  });
  loopback.attach({ stores, storageOf: storageFor });
  // The caches of the built-in kinds fill from the start: the server is ready when they have.
  for (const definition of resources) if (definition.verbs.includes('watch')) backend.storageFor(definition);
  return { stores, allocators, customResources };
}

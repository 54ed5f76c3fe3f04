/**
 * Serves what CustomResourceDefinitions define: follows them by the watch every API server has, puts their versions into the table of
 * served resources and takes them out again. Upstream: apiextensions-apiserver `customresource_handler.go`.
 */
import { isDeepStrictEqual } from 'node:util';
import {
  type CustomResourceDefinition,
  customResourceDefinitions,
} from '../../api/apiextensions/v1/customresourcedefinition';
import { isConditionTrue } from '../../api/meta/conditions';
import { apiVersionOf, type ResourceDefinition } from '../../api/meta/resource-definition';
import type { KubeObject, Stored } from '../../api/meta/types';
import type { DynamicResourceTable } from '../endpoints/served-resource';
import type { Loopback } from '../registry/loopback';
import type { StorageBackend } from '../storage/backend';
import type { Storage } from '../storage/storage';
import { WatchEnded } from '../storage/storage-errors';
import type { WebhookClient } from '../webhook-client';
import { type VersionConverter, noneConverter } from './conversion/converter';
import { createWebhookConverter } from './conversion/webhook-converter';
import { createCustomStorage, type CustomStorage } from './custom-storage';
import { applyDefaults, dropForbiddenNulls } from './schema/defaults';
import { pruneUnknownFields } from './schema/prune';
import type { ValidationContext } from './schema/validate';
import { schemaOf, type ServingState, versionDefinitions } from './served-versions';

export interface CustomResources {
  /** The storage of a version of a custom kind; undefined for every other definition. */
  storageFor<T extends KubeObject>(definition: ResourceDefinition<T>): Storage<T> | undefined;
  /** The definition in whose version a kind is stored, served or not; undefined where its names were never accepted. */
  storedDefinition(crd: CustomResourceDefinition): ResourceDefinition | undefined;
  /** Resolves once everything is served that any API server knew of when this was called. */
  catchUp(): Promise<void>;
}

export interface CustomResourcesDeps {
  loopback: Loopback;
  table: DynamicResourceTable;
  backend: Pick<StorageBackend, 'storageFor' | 'forget'>;
  webhooks: WebhookClient;
  validation: ValidationContext;
}

/** One CustomResourceDefinition as it is served. */
interface Serving {
  crd: Stored<CustomResourceDefinition>;
  state: ServingState;
  byVersion: Map<string, ResourceDefinition>;
  storages: Map<ResourceDefinition, CustomStorage>;
  converter: VersionConverter;
}

export function createCustomResources(deps: CustomResourcesDeps): CustomResources {
  const { loopback, table, backend, webhooks, validation } = deps;
  const view = loopback.view(customResourceDefinitions);
  const servings = new Map<string, Serving>();
  const servingOf = new WeakMap<ResourceDefinition, Serving>();

  const begin = (crd: Stored<CustomResourceDefinition>, state: ServingState): void => {
    const { conversion, versions } = crd.spec;
    const webhook = conversion?.strategy === 'Webhook' ? conversion.webhook : undefined;
    const converter = webhook ? createWebhookConverter(webhooks, { clientConfig: {}, ...webhook }) : noneConverter;
    const byVersion = versionDefinitions(crd, state, validation, {
      find: (apiVersion) => served.find((definition) => definition.apiVersion === apiVersion),
      convert: async (object, apiVersion) => (await converter.convert([object], apiVersion))[0]!,
    });
    const served = versions.filter((version) => version.served).map(({ name }) => byVersion.get(name)!);
    const serving: Serving = { crd, state, byVersion, storages: new Map(), converter };
    for (const definition of byVersion.values()) servingOf.set(definition, serving);
    servings.set(crd.metadata.name, serving);
    table.serve(crd.metadata.name, served);
  };

  const end = (name: string, why: string): void => {
    const serving = servings.get(name);
    servings.delete(name);
    for (const storage of serving?.storages.values() ?? []) storage.endWatches(new WatchEnded(why));
  };

  const update = (crd: Stored<CustomResourceDefinition>): void => {
    const { name } = crd.metadata;
    const known = servings.get(name);
    const terminating = isConditionTrue(crd.status?.conditions, 'Terminating');
    if (!isServable(crd) || table.isBuiltIn(crd.spec.group, crd.spec.names.plural)) {
      if (known) withdraw(name);
      return;
    }
    if (known && isServedAlike(known.crd, crd)) {
      known.state.terminating = terminating;
      known.crd = crd;
      return;
    }
    if (known && known.crd.metadata.uid !== crd.metadata.uid) withdraw(name);
    else end(name, 'the custom resource definition has changed');
    begin(crd, { terminating });
  };

  const withdraw = (name: string): void => {
    const [base] = servings.get(name)?.byVersion.values() ?? [];
    table.serve(name, []);
    end(name, 'the custom resource is no longer served');
    if (base) backend.forget(base);
  };

  /** What follows the view must not fail: all others would stand still with it. */
  const follow = (crd: Stored<CustomResourceDefinition>): void => {
    try {
      update(crd);
    } catch (error) {
      loopback.log.error({ err: error, crd: crd.metadata.name }, 'cannot serve custom resources');
    }
  };
  view.addHandler({ add: follow, update: follow, delete: ({ metadata }) => withdraw(metadata.name) });

  return {
    storageFor<T extends KubeObject>(definition: ResourceDefinition<T>) {
      const serving = servingOf.get(definition);
      if (!serving) return undefined;
      let storage = serving.storages.get(definition);
      if (!storage) {
        // What lies in etcd, in whichever version it was written: its own fields only a version can tell.
        const base: Storage = backend.storageFor<KubeObject>({ ...definition, selectableFields: {} });
        storage = createCustomStorage(base, {
          apiVersion: definition.apiVersion,
          storageApiVersion: apiVersionOf(definition.group, definition.custom!.storageVersion),
          converter: serving.converter,
          selectableFields: definition.selectableFields ?? {},
          settle: settleBySchema(serving.crd),
        });
        serving.storages.set(definition, storage);
      }
      return storage as unknown as Storage<T>;
    },
    storedDefinition({ metadata, spec }) {
      const storage = spec.versions.find((version) => version.storage);
      return servings.get(metadata?.name ?? '')?.byVersion.get(storage?.name ?? '');
    },
    async catchUp() {
      // A list that is linearizable comes after all events up to now, and the view gets them before it.
      await loopback.stores.of(customResourceDefinitions).list(loopback.context, { namespace: '', limit: 1 });
    },
  };
}

/** Served while its names are in doubt, as long as it was served before. */
const isServable = ({ status }: CustomResourceDefinition): boolean =>
  status?.acceptedNames?.plural !== undefined &&
  (isConditionTrue(status.conditions, 'NamesAccepted') || isConditionTrue(status.conditions, 'Established'));

const isServedAlike = (a: Stored<CustomResourceDefinition>, b: Stored<CustomResourceDefinition>): boolean =>
  a.metadata.uid === b.metadata.uid &&
  isDeepStrictEqual(a.spec, b.spec) &&
  isDeepStrictEqual(a.status?.acceptedNames, b.status?.acceptedNames);

/** Prunes and defaults by the schema of the object's own version. */
function settleBySchema(crd: CustomResourceDefinition): (object: KubeObject) => boolean {
  const schemas = new Map(
    crd.spec.versions.map((version) => [apiVersionOf(crd.spec.group, version.name), schemaOf(version)]),
  );
  return (object) => {
    const schema = schemas.get(object.apiVersion ?? '');
    if (!schema) return false;
    const pruned = pruneUnknownFields(object, schema).length > 0;
    const defaulted = applyDefaults(object, schema);
    return dropForbiddenNulls(object, schema) || pruned || defaulted;
  };
}

/** Shares one informer per kind and scope among all who ask. */
import type { ResourceDefinition } from '../api/meta/resource-definition';
import type { KubeObject } from '../api/meta/types';
import type { Clock } from '../component-base/clock';
import type { Logger } from '../component-base/logger';
import { CachedInformer, type Informer, type InformerFactory, type InformerScope } from './informer';
import type { RestClient } from './rest-client';

export interface InformerFactoryOptions {
  client: RestClient;
  clock: Clock;
  log: Logger;
  /** See InformerOptions.freeze. */
  freeze?: boolean;
}

export function createInformerFactory(options: InformerFactoryOptions): InformerFactory {
  const informers = new Map<string, CachedInformer<any>>();
  return {
    informer<T extends KubeObject>(definition: ResourceDefinition<T>, scope?: InformerScope): Informer<T> {
      const { namespace = '', labelSelector = '', fieldSelector = '', metadataOnly = false } = scope ?? {};
      const key = JSON.stringify([
        definition.apiVersion,
        definition.names.plural,
        namespace,
        labelSelector,
        fieldSelector,
        metadataOnly,
      ]);
      let informer = informers.get(key) as CachedInformer<T> | undefined;
      if (!informer) {
        informer = new CachedInformer<T>({ ...options, definition, scope });
        informers.set(key, informer);
      }
      return informer;
    },
    start(signal) {
      for (const informer of informers.values()) informer.run(signal);
    },
    async waitForSync(signal) {
      await Promise.all([...informers.values()].map((informer) => informer.waitForSync(signal)));
    },
  };
}

/** The parameters that a binding names: objects of the policy's paramKind. Upstream: `generic.CollectParams`. */
import type { ParamKind, ParamRef } from '../../../api/admissionregistration/v1/types';
import type { KubeObject } from '../../../api/meta/types';
import { selectorFromLabelSelector } from '../../../api/meta/selectors';
import type { ResourceTable } from '../../endpoints/served-resource';
import { foundOrUndefined, readLive } from '../../registry/look-up';
import type { Loopback } from '../../registry/loopback';

/** The policy or its binding cannot be used as it is: the failure policy decides. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

export interface ParamCollector {
  /** `[null]` without parameters. An empty list means that the binding does not apply. Throws ConfigurationError. */
  collect(kind: ParamKind | undefined, ref: ParamRef | undefined, namespace: string): Promise<(KubeObject | null)[]>;
}

export function createParamCollector(deps: { loopback: Loopback; table: ResourceTable }): ParamCollector {
  const { loopback, table } = deps;
  return {
    async collect(kind, ref, requestNamespace) {
      if (!kind || !ref) return [null];
      const served = table.findKind(kind.apiVersion ?? '', kind.kind ?? '');
      if (!served) {
        throw new ConfigurationError(
          `failed to find resource referenced by paramKind: '${kind.apiVersion}, Kind=${kind.kind}'`,
        );
      }
      const { definition } = served;
      if (!definition.namespaced && ref.namespace) {
        throw new ConfigurationError('paramRef.namespace must not be provided for a cluster-scoped `paramKind`');
      }
      const namespace = definition.namespaced ? ref.namespace || requestNamespace : '';
      if (definition.namespaced && !namespace) {
        throw new ConfigurationError(
          'cannot use namespaced paramRef in policy binding that matches cluster-scoped resources',
        );
      }
      const store = loopback.stores.of(definition);
      let found: KubeObject[];
      if (ref.name) {
        const { name } = ref;
        // From the cache, and from etcd only when it is not there yet.
        const seen = await foundOrUndefined(store.get(loopback.context, namespace, name, { resourceVersion: '0' }));
        const param = seen?.object ?? (await readLive(loopback, definition, namespace, name));
        found = param ? [param] : [];
      } else {
        const { items } = await store.list(loopback.context, { namespace, resourceVersion: '0' });
        const selector = selectorFromLabelSelector(ref.selector);
        found = items.map(({ object }) => object).filter(({ metadata }) => selector.matches(metadata?.labels));
      }
      if (!found.length && ref.parameterNotFoundAction === 'Deny') {
        throw new ConfigurationError('no params found for policy binding with `Deny` parameterNotFoundAction');
      }
      const { apiVersion, kind: servedKind } = served;
      return Promise.all(
        found.map(async (param) => ({ ...(await served.toServed(param)), apiVersion, kind: servedKind })),
      );
    },
  };
}

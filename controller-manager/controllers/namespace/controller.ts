/** Empties namespaces that are being deleted, then lets them go. Upstream: `pkg/controller/namespace`. */
import { namespaces } from '../../../api/core/v1/namespace';
import { type ControllerDeps, defineController, watch } from '../../../client/controller';
import { discoverResources } from '../../discovery';
import { reconcileNamespace } from './reconcile';

export const namespaceController = defineController<ControllerDeps>({
  name: 'namespace-controller',
  workers: 10,
  watches: [watch(namespaces, ({ metadata }) => (metadata.deletionTimestamp ? [metadata.name] : []))],
  permissions: [
    { apiGroups: [''], resources: ['namespaces'], verbs: ['get', 'list', 'delete', 'watch'] },
    { apiGroups: [''], resources: ['namespaces/finalize', 'namespaces/status'], verbs: ['update'] },
    { apiGroups: ['*'], resources: ['*'], verbs: ['get', 'list', 'delete', 'deletecollection'] },
    { nonResourceURLs: ['/api', '/api/*', '/apis', '/apis/*'], verbs: ['get'] },
  ],
  create(deps) {
    const context = {
      client: deps.client,
      clock: deps.clock,
      lister: deps.informers.informer(namespaces).lister,
      discover: async (signal: AbortSignal) => discoverResources(deps.client, signal),
    };
    return { reconcile: (key, signal) => reconcileNamespace(context, key, signal) };
  },
});

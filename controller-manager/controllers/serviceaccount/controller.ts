/** Gives every namespace its `default` service account. Upstream: `serviceaccounts_controller.go`. */
import { namespaces } from '../../../api/core/v1/namespace';
import { serviceAccounts } from '../../../api/core/v1/serviceaccount';
import { isAlreadyExists, isNotFound } from '../../../api/meta/status-error';
import { type ControllerDeps, defineController, enqueueSelf, watch } from '../../../client/controller';
import { eventWriter } from '../../event-writer';
import { isNamespaceTerminating } from '../pod-control';

const accountName = 'default';

export const serviceAccountController = defineController<ControllerDeps>({
  name: 'serviceaccount-controller',
  workers: 1,
  watches: [
    watch(namespaces, enqueueSelf),
    watch(serviceAccounts, ({ metadata }) => (metadata.name === accountName ? [metadata.namespace!] : [])),
  ],
  permissions: [
    { apiGroups: [''], resources: ['namespaces'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: [''], resources: ['serviceaccounts'], verbs: ['create', 'get', 'list', 'watch'] },
    eventWriter,
  ],
  create(deps) {
    const namespaceLister = deps.informers.informer(namespaces).lister;
    const accountLister = deps.informers.informer(serviceAccounts).lister;
    return {
      async reconcile(key) {
        const namespace = namespaceLister.get(key);
        if (!namespace || namespace.metadata.deletionTimestamp) return;
        if (accountLister.get(`${key}/${accountName}`)) return;
        try {
          await deps.client.create(serviceAccounts, { metadata: { name: accountName, namespace: key } });
        } catch (error) {
          if (!isAlreadyExists(error) && !isNotFound(error) && !isNamespaceTerminating(error)) throw error;
        }
      },
    };
  },
});

/** Puts the cluster's CA into every namespace, for pods to mount. Upstream: `rootcacertpublisher/publisher.go`. */
import { configMaps } from '../../../api/core/v1/configmap';
import { namespaces } from '../../../api/core/v1/namespace';
import { deepEqual } from '../../../api/meta/json';
import { isAlreadyExists, isNotFound } from '../../../api/meta/status-error';
import { defineController, enqueueSelf, watch } from '../../../client/controller';
import { eventWriter } from '../../event-writer';
import type { ManagerDeps } from '../../manager-deps';
import { isNamespaceTerminating } from '../pod-control';

const configMapName = 'kube-root-ca.crt';
const description =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the ' +
  'internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes ' +
  'clusters.';

export const rootCaCertPublisher = defineController<ManagerDeps>({
  name: 'root-ca-certificate-publisher-controller',
  workers: 1,
  watches: [
    watch(namespaces, enqueueSelf),
    watch(configMaps, ({ metadata }) => [metadata.namespace!], { fieldSelector: `metadata.name=${configMapName}` }),
  ],
  permissions: [
    { apiGroups: [''], resources: ['configmaps'], verbs: ['create', 'list', 'update', 'watch'] },
    { apiGroups: [''], resources: ['namespaces'], verbs: ['list', 'watch'] },
    eventWriter,
  ],
  create(deps) {
    const namespaceLister = deps.informers.informer(namespaces).lister;
    const scope = { fieldSelector: `metadata.name=${configMapName}` };
    const configMapLister = deps.informers.informer(configMaps, scope).lister;
    return {
      async reconcile(key) {
        const { rootCa } = deps.config;
        const namespace = namespaceLister.get(key);
        if (rootCa === undefined || !namespace || namespace.metadata.deletionTimestamp) return;
        const data = { 'ca.crt': rootCa };
        const annotations = { 'kubernetes.io/description': description };
        const current = configMapLister.get(`${key}/${configMapName}`);
        if (current && deepEqual(current.data, data) && !current.binaryData && hasAll(current.metadata, annotations)) {
          return;
        }
        try {
          if (current) {
            const { binaryData: _, ...rest } = current;
            const metadata = { ...current.metadata, annotations: { ...current.metadata.annotations, ...annotations } };
            await deps.client.update(configMaps, { ...rest, metadata, data });
          } else {
            await deps.client.create(configMaps, {
              metadata: { name: configMapName, namespace: key, annotations },
              data,
            });
          }
        } catch (error) {
          if (!isAlreadyExists(error) && !isNotFound(error) && !isNamespaceTerminating(error)) throw error;
        }
      },
    };
  },
});

const hasAll = (metadata: { annotations?: Record<string, string> }, wanted: Record<string, string>): boolean =>
  Object.entries(wanted).every(([name, value]) => metadata.annotations?.[name] === value);

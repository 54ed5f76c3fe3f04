/** Keeps cluster-info signed by every bootstrap token. Upstream: `pkg/controller/bootstrap/bootstrapsigner.go`. */
import { configMaps } from '../../../api/core/v1/configmap';
import { secrets } from '../../../api/core/v1/secret';
import { deepEqual } from '../../../api/meta/json';
import { type ControllerDeps, defineController, watch } from '../../../client/controller';
import { signedData } from './sign';

const namespace = 'kube-public';
const configMapName = 'cluster-info';
const infoScope = { namespace, fieldSelector: `metadata.name=${configMapName}` };
const tokenScope = { namespace: 'kube-system', fieldSelector: 'type=bootstrap.kubernetes.io/token' };
/** There is only one thing to do, whatever changed. */
const everything = (): string[] => [`${namespace}/${configMapName}`];

export const bootstrapSignerController = defineController<ControllerDeps>({
  name: 'bootstrap-signer-controller',
  workers: 1,
  watches: [watch(configMaps, everything, infoScope), watch(secrets, everything, tokenScope)],
  permissions: [
    { apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list', 'watch', 'update'] },
  ],
  create({ client, clock, informers }) {
    const infoLister = informers.informer(configMaps, infoScope).lister;
    const tokenLister = informers.informer(secrets, tokenScope).lister;
    return {
      async reconcile(key) {
        const info = infoLister.get(key);
        if (!info?.data) return;
        const data = signedData(info.data, tokenLister.list(), clock.now());
        if (!deepEqual(data, info.data)) await client.update(configMaps, { ...info, data });
      },
    };
  },
});

/** Lets deleted claims go once no pod uses them. Upstream: `pkg/controller/volume/pvcprotection`. */
import { persistentVolumeClaims } from '../../../api/core/v1/persistentvolumeclaim';
import { type Pod, pods } from '../../../api/core/v1/pod';
import { claimsOf } from '../../../api/core/v1/pod/claims';
import { isPodTerminal } from '../../../api/core/v1/pod/conditions';
import { isNotFound } from '../../../api/meta/status-error';
import { type ControllerDeps, defineController, enqueueSelf, watch } from '../../../client/controller';
import { eventWriter } from '../../event-writer';
import { withoutFinalizer } from './without-finalizer';

const finalizer = 'kubernetes.io/pvc-protection';
const index = 'claim';

/** A finished pod has nothing mounted, nor has one that never came to a node and is going. */
const uses = ({ metadata, spec, status }: Pod): boolean =>
  !isPodTerminal({ status }) && !(metadata?.deletionTimestamp && !spec?.nodeName);

export const claimProtectionController = defineController<ControllerDeps>({
  name: 'persistentvolumeclaim-protection-controller',
  workers: 1,
  watches: [watch(persistentVolumeClaims, enqueueSelf), watch(pods, claimsOf)],
  permissions: [
    { apiGroups: [''], resources: ['persistentvolumeclaims'], verbs: ['get', 'list', 'watch', 'update'] },
    { apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch', 'get'] },
    eventWriter,
  ],
  create({ client, informers }) {
    const claims = informers.informer(persistentVolumeClaims).lister;
    const podInformer = informers.informer(pods);
    podInformer.addIndex(index, claimsOf);
    return {
      async reconcile(key) {
        const claim = claims.get(key);
        const { deletionTimestamp, finalizers } = claim?.metadata ?? {};
        if (!claim || !deletionTimestamp || !finalizers?.includes(finalizer)) return;
        if (podInformer.lister.byIndex(index, key).some(uses)) return;
        // The cache may be behind: a pod that was just made would lose its volume.
        const { namespace = '' } = claim.metadata;
        const { items } = await client.list(pods, { namespace });
        if (items.some((pod) => claimsOf(pod).includes(key) && uses(pod))) return;
        await client.update(persistentVolumeClaims, withoutFinalizer(claim, finalizer)).catch((error: unknown) => {
          if (!isNotFound(error)) throw error;
        });
      },
    };
  },
});

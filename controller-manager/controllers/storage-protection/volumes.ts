/** Lets deleted volumes go once no claim is bound to them. Upstream: `pkg/controller/volume/pvprotection`. */
import { persistentVolumes } from '../../../api/core/v1/persistentvolume';
import { isNotFound } from '../../../api/meta/status-error';
import { type ControllerDeps, defineController, enqueueSelf, watch } from '../../../client/controller';
import { eventWriter } from '../../event-writer';
import { withoutFinalizer } from './without-finalizer';

const finalizer = 'kubernetes.io/pv-protection';

export const volumeProtectionController = defineController<ControllerDeps>({
  name: 'persistentvolume-protection-controller',
  workers: 1,
  watches: [watch(persistentVolumes, enqueueSelf)],
  permissions: [
    { apiGroups: [''], resources: ['persistentvolumes'], verbs: ['get', 'list', 'watch', 'update'] },
    eventWriter,
  ],
  create({ client, informers }) {
    const { lister } = informers.informer(persistentVolumes);
    return {
      async reconcile(key) {
        const volume = lister.get(key);
        const { deletionTimestamp, finalizers } = volume?.metadata ?? {};
        if (!volume || !deletionTimestamp || !finalizers?.includes(finalizer)) return;
        if (volume.status?.phase === 'Bound') return;
        await client.update(persistentVolumes, withoutFinalizer(volume, finalizer)).catch((error: unknown) => {
          if (!isNotFound(error)) throw error;
        });
      },
    };
  },
});

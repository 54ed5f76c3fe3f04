/** What happens to a CustomResourceDefinition on its way into storage. Upstream: `registry/customresourcedefinition/etcd.go`. */
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionCondition,
} from '../../api/apiextensions/v1/customresourcedefinition';
import { setCondition } from '../../api/meta/conditions';
import { type Clock, formatTime } from '../../component-base/clock';
import { matchesLinear } from '../cel';
import type { StoreHooks } from '../registry/store';
import { checkSchemas } from './check-schemas';

export const cleanupFinalizer = 'customresourcecleanup.apiextensions.k8s.io';

export function createCrdHooks({ clock }: { clock: Clock }): StoreHooks<CustomResourceDefinition> {
  return {
    validate: (crd, old) => checkSchemas({ matches: matchesLinear }, crd, old),
    /** A deleted definition stays until its instances are gone; from now on nothing new may be created. */
    beforeDelete(_context, crd) {
      if (crd.metadata.deletionTimestamp) return;
      const finalizers = crd.metadata.finalizers ?? [];
      if (!finalizers.includes(cleanupFinalizer)) crd.metadata.finalizers = [...finalizers, cleanupFinalizer];
      const status = (crd.status ??= {});
      const pending: CustomResourceDefinitionCondition = {
        type: 'Terminating',
        status: 'True',
        reason: 'InstanceDeletionPending',
        message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
      };
      setCondition((status.conditions ??= []), pending, formatTime(clock.now()));
    },
  };
}

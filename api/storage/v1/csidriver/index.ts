/** CSIDriver: what a storage driver of the cluster can do and needs. */
import type { V1CSIDriver, V1CSIDriverSpec } from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { ageColumn, nameColumn, textColumn } from '../../../meta/columns';
import { defineResource, type TableColumn } from '../../../meta/resource-definition';
import type { Wire } from '../../../meta/types';
import { validateDriver, validateDriverUpdate } from './validation';

export interface CsiDriver extends Wire<V1CSIDriver> {}
export interface CsiDriverSpec extends Wire<V1CSIDriverSpec> {}

const flag = (
  name: string,
  field: 'attachRequired' | 'podInfoOnMount' | 'storageCapacity' | 'requiresRepublish',
  missing: boolean,
  description: string,
): TableColumn<CsiDriver> => ({ name, type: 'boolean', description, value: ({ spec }) => spec?.[field] ?? missing });

export const csiDrivers = defineResource<CsiDriver>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSIDriver',
  names: { plural: 'csidrivers', singular: 'csidriver' },
  scope: 'Cluster',
  defaults({ spec }) {
    if (!spec) return;
    spec.attachRequired ??= true;
    spec.podInfoOnMount ??= false;
    spec.storageCapacity ??= false;
    spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType';
    if (!spec.volumeLifecycleModes?.length) spec.volumeLifecycleModes = ['Persistent'];
    spec.requiresRepublish ??= false;
    spec.seLinuxMount ??= false;
  },
  validate: validateDriver,
  validateUpdate: validateDriverUpdate,
  generation: false,
  allowUnconditionalUpdate: false,
  columns: [
    nameColumn,
    flag(
      'AttachRequired',
      'attachRequired',
      true,
      'attachRequired indicates this CSI volume driver requires an attach operation (because it implements the CSI ControllerPublishVolume() method), and that the Kubernetes attach detach controller should call the attach volume interface which checks the volumeattachment status and waits until the volume is attached before proceeding to mounting.',
    ),
    flag(
      'PodInfoOnMount',
      'podInfoOnMount',
      false,
      'podInfoOnMount indicates this CSI volume driver requires additional pod information (like podName, podUID, etc.) during mount operations, if set to true. If set to false, pod information will not be passed on mount. Default is false.',
    ),
    flag(
      'StorageCapacity',
      'storageCapacity',
      false,
      'storageCapacity indicates that the CSI volume driver wants pod scheduling to consider the storage capacity that the driver deployment will report by creating CSIStorageCapacity objects with capacity information, if set to true.',
    ),
    textColumn(
      'TokenRequests',
      "tokenRequests indicates the CSI driver needs pods' service account tokens it is mounting volume for to do necessary authentication.",
      ({ spec }) => spec?.tokenRequests?.map(({ audience }) => audience).join(',') ?? '<unset>',
    ),
    flag(
      'RequiresRepublish',
      'requiresRepublish',
      false,
      'requiresRepublish indicates the CSI driver wants `NodePublishVolume` being periodically called to reflect any possible change in the mounted volume. This field defaults to false.',
    ),
    textColumn(
      'Modes',
      'volumeLifecycleModes defines what kind of volumes this CSI volume driver supports.',
      ({ spec }) => spec?.volumeLifecycleModes?.join(',') || '<none>',
    ),
    ageColumn,
  ],
});

/** VolumeAttachment: the wish to have a volume at a node, and how far it has come. */
import type { V1VolumeAttachment, V1VolumeError } from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { ageColumn, nameColumn, textColumn } from '../../../meta/columns';
import { defineResource } from '../../../meta/resource-definition';
import type { Wire } from '../../../meta/types';
import { validateAttachment, validateAttachmentUpdate } from './validation';

export interface VolumeAttachment extends Wire<V1VolumeAttachment> {}
export interface VolumeError extends Wire<V1VolumeError> {}

export const volumeAttachments = defineResource<VolumeAttachment>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'VolumeAttachment',
  names: { plural: 'volumeattachments', singular: 'volumeattachment' },
  scope: 'Cluster',
  prepareForCreate(attachment) {
    attachment.status = { attached: false };
  },
  validate: validateAttachment,
  validateUpdate: validateAttachmentUpdate,
  generation: false,
  allowUnconditionalUpdate: false,
  subresources: { status: { validateUpdate: validateAttachmentUpdate } },
  columns: [
    nameColumn,
    textColumn(
      'Attacher',
      'attacher indicates the name of the volume driver that MUST handle this request. This is the name returned by GetPluginName().',
      ({ spec }) => spec?.attacher ?? '',
    ),
    textColumn(
      'PV',
      'source represents the volume that should be attached.',
      ({ spec }) => spec?.source?.persistentVolumeName ?? '',
    ),
    textColumn(
      'Node',
      'nodeName represents the node that the volume should be attached to.',
      ({ spec }) => spec?.nodeName ?? '',
    ),
    {
      name: 'Attached',
      type: 'boolean',
      description:
        'attached indicates the volume is successfully attached. This field must only be set by the entity completing the attach operation, i.e. the external-attacher.',
      value: ({ status }) => status?.attached ?? false,
    },
    ageColumn,
  ],
});

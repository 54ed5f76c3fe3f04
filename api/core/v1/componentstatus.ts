/** ComponentStatus: the health of the control plane's parts, asked for at the time of reading and never stored. */
import type { V1ComponentStatus } from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { nameColumn, textColumn } from '../../meta/columns';
import { findCondition } from '../../meta/conditions';
import { defineResource } from '../../meta/resource-definition';
import type { Wire } from '../../meta/types';

export interface ComponentStatus extends Wire<V1ComponentStatus> {}

const healthOf = ({ conditions }: ComponentStatus) => findCondition(conditions, 'Healthy');

const statusWords: Record<string, string> = { True: 'Healthy', False: 'Unhealthy', Unknown: 'Unhealthy' };

export const componentStatuses = defineResource<ComponentStatus>({
  group: '',
  version: 'v1',
  kind: 'ComponentStatus',
  names: { plural: 'componentstatuses', singular: 'componentstatus', shortNames: ['cs'] },
  scope: 'Cluster',
  verbs: ['get', 'list'],
  deprecation: 'v1 ComponentStatus is deprecated in v1.19+',
  columns: [
    nameColumn,
    textColumn(
      'Status',
      'Status of the component conditions',
      (component) => statusWords[healthOf(component)?.status ?? ''] ?? 'Unknown',
    ),
    textColumn('Message', 'Message of the component conditions', (component) => healthOf(component)?.message ?? ''),
    textColumn('Error', 'Error of the component conditions', (component) => healthOf(component)?.error ?? ''),
  ],
});

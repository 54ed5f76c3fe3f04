/** ResourceQuota: how much of everything a namespace may use. */
import { ageColumn, nameColumn, textColumn } from '../../../meta/columns';
import { defineResource } from '../../../meta/resource-definition';
import { canonicalizeResourceList } from '../resource-list';
import type { ResourceQuota } from './types';
import { validateQuota, validateQuotaStatusUpdate, validateQuotaUpdate } from './validation';

export type * from './types';

/** `cpu: 1/4, pods: 2/10`, of the resources whose name has "limits" in it, or of all others. */
function formatUsage({ status }: ResourceQuota, limits: boolean): string {
  const { hard = {}, used = {} } = status ?? {};
  return Object.keys(hard)
    .filter((name) => name.includes('limits') === limits)
    .sort()
    .map((name) => `${name}: ${used[name] ?? '0'}/${hard[name]}`)
    .join(', ');
}

export const resourceQuotas = defineResource<ResourceQuota>({
  group: '',
  version: 'v1',
  kind: 'ResourceQuota',
  names: { plural: 'resourcequotas', singular: 'resourcequota', shortNames: ['quota'] },
  scope: 'Namespaced',
  returnDeletedObject: true,
  generation: false,
  defaults({ spec, status }) {
    for (const list of [spec?.hard, status?.hard, status?.used]) canonicalizeResourceList(list);
  },
  validate: validateQuota,
  validateUpdate: validateQuotaUpdate,
  columns: [
    nameColumn,
    textColumn('Request', 'Request represents a minimum amount of cpu/memory that a container may consume.', (quota) =>
      formatUsage(quota, false),
    ),
    textColumn(
      'Limit',
      'Limits control the maximum amount of cpu/memory that a container may use independent of contention on the node.',
      (quota) => formatUsage(quota, true),
    ),
    ageColumn,
  ],
  subresources: { status: { validateUpdate: validateQuotaStatusUpdate } },
});

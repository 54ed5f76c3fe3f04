/** RangeAllocation: which ports of a range are taken, as one bitmap. Internal: stored, never served. */
import { defineResource } from '../../../api/meta/resource-definition';
import type { KubeObject } from '../../../api/meta/types';

export interface RangeAllocation extends KubeObject {
  /** The range as configured (`30000-32767`): another one starts a new bitmap. */
  range: string;
  /** Base64 of the bitmap, little-endian in bytes, bit 0 lowest. */
  data: string;
}

export const rangeAllocations = defineResource<RangeAllocation>({
  group: '',
  version: 'v1',
  kind: 'RangeAllocation',
  names: { plural: 'ranges', singular: 'range' },
  scope: 'Cluster',
  verbs: [],
});

/** The Status that connect subresources answer when there is nothing else to say. */
import type { KubeObject } from '../../../api/meta/types';

export const newSuccess = (): KubeObject & { status: string } => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Success',
});

/** Upstream leaves the code of a created Status at 201 in both places. */
export const created = (): { code: number; object: KubeObject } => ({
  code: 201,
  object: { ...newSuccess(), code: 201 } as KubeObject,
});

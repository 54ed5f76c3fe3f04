/**
 * `dataSource` and `dataSourceRef`: the older field takes claims and snapshots only and follows the newer one. Upstream:
 * `pkg/api/persistentvolumeclaim/util.go`.
 */
import type { PersistentVolumeClaimSpec } from './types';

const isClaimOrSnapshot = ({ apiGroup = '', kind }: { apiGroup?: string; kind: string }): boolean =>
  (kind === 'PersistentVolumeClaim' && apiGroup === '') ||
  (kind === 'VolumeSnapshot' && apiGroup === 'snapshot.storage.k8s.io');

/** In place. What an old object already had stays. */
export function normalizeDataSources(
  spec: PersistentVolumeClaimSpec,
  old: Pick<PersistentVolumeClaimSpec, 'dataSource' | 'dataSourceRef'> | undefined,
): void {
  // Sources in other namespaces are behind a feature gate that is off.
  if (spec.dataSourceRef?.namespace && !old?.dataSourceRef) delete spec.dataSourceRef;
  if (spec.dataSource && !isClaimOrSnapshot(spec.dataSource) && !old?.dataSource) delete spec.dataSource;
  const { dataSource, dataSourceRef } = spec;
  if (dataSource && !dataSourceRef) spec.dataSourceRef = { ...dataSource };
  else if (dataSourceRef && !dataSource && !dataSourceRef.namespace) spec.dataSource = { ...dataSourceRef };
}

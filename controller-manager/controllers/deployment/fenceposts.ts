/** How far a rolling update may leave the desired count, above and below. Upstream: `ResolveFenceposts`. */
import type { Deployment } from '../../../api/apps/v1/deployment';
import { scaledValueFromIntOrPercent } from '../../../api/meta/int-or-string';

export interface Fenceposts {
  maxSurge: number;
  maxUnavailable: number;
}

/** Percentages of surge round up, of unavailability down; both zero would deadlock, so one may then be missing. */
export function resolveFenceposts({ spec }: Deployment): Fenceposts {
  const replicas = spec?.replicas ?? 1;
  const rolling = spec?.strategy?.rollingUpdate;
  if ((spec?.strategy?.type ?? 'RollingUpdate') !== 'RollingUpdate') return { maxSurge: 0, maxUnavailable: 0 };
  const maxSurge = scaledValueFromIntOrPercent(rolling?.maxSurge ?? '25%', replicas, true);
  let maxUnavailable = scaledValueFromIntOrPercent(rolling?.maxUnavailable ?? '25%', replicas, false);
  if (maxSurge === 0 && maxUnavailable === 0) maxUnavailable = 1;
  return { maxSurge, maxUnavailable: Math.min(maxUnavailable, replicas) };
}

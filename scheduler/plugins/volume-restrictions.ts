/** A claim with the access mode ReadWriteOncePod is for one pod in the whole cluster. Upstream: `plugins/volumerestrictions`. */
import { claimsOf } from '../../api/core/v1/pod/claims';
import type { Plugin } from '../framework';
import type { PodInfo } from '../node-info';

interface ExclusiveClaims {
  claims: ReadonlySet<string>;
  /** How often other pods use them. */
  uses: number;
}

const usesOf = (claims: ReadonlySet<string>, other: PodInfo): number =>
  other.claims.filter((claim) => claims.has(claim)).length;

export const volumeRestrictions: Plugin = {
  name: 'VolumeRestrictions',
  prepareFilter(pod, nodes, view): ExclusiveClaims | undefined {
    const exclusive = pod.claims.filter((key) => view.claim(key)?.spec?.accessModes?.includes('ReadWriteOncePod'));
    if (exclusive.length === 0) return undefined;
    const claims = new Set(exclusive);
    let uses = 0;
    for (const node of nodes) for (const other of node.pods.values()) uses += usesOf(claims, other);
    return { claims, uses };
  },
  recount: ({ claims, uses }: ExclusiveClaims, _pod, _node, other, by) => ({
    claims,
    uses: uses + by * usesOf(claims, other),
  }),
  filter: ({ uses }: ExclusiveClaims) =>
    uses > 0
      ? {
          reasons: [
            'node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod',
          ],
        }
      : undefined,
  wakes: (event, pod) => event.type === 'podDeleted' && claimsOf(event.pod).some((claim) => pod.claims.includes(claim)),
};

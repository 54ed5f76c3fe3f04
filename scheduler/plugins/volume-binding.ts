/**
 * A pod needs its claims: they must exist and be bound, and their volumes must be usable from the node. Claims that wait
 * for their first consumer need somebody to bind them: nobody does that here yet, so until then no node will do. Upstream:
 * `plugins/volumebinding`.
 */
import { matchesAnyTerm } from '../../api/core/v1/node/affinity';
import type { PersistentVolumeClaim } from '../../api/core/v1/persistentvolumeclaim';
import { claimNameOf } from '../../api/core/v1/pod/claims';
import { storageClassOf } from '../../api/core/v1/storage-facts';
import { isControlledBy } from '../../api/meta/controller-ref';
import type { Stored } from '../../api/meta/types';
import { concernsVolumes } from '../cluster-events';
import type { ClusterView, Plugin } from '../framework';
import type { NodeInfo, PodInfo } from '../node-info';

type Claim = Stored<PersistentVolumeClaim>;

const bindCompleted = 'pv.kubernetes.io/bind-completed';

/** Both sides know of each other. */
const isBound = ({ metadata, spec }: Claim): boolean =>
  Boolean(spec?.volumeName) && metadata.annotations?.[bindCompleted] !== undefined;

function waitsForConsumer(claim: Claim, view: ClusterView): boolean {
  if (claim.spec?.volumeName) return false;
  return view.storageClass(storageClassOf(claim))?.volumeBindingMode === 'WaitForFirstConsumer';
}

/** Why a claim cannot be used at all. */
function findFault({ pod }: PodInfo, name: string, ephemeral: boolean, claim: Claim | undefined): string | undefined {
  if (!claim) {
    return ephemeral
      ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`
      : `persistentvolumeclaim "${name}" not found`;
  }
  if (claim.status?.phase === 'Lost') {
    return `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec?.volumeName ?? ''}"`;
  }
  if (claim.metadata.deletionTimestamp) return `persistentvolumeclaim "${name}" is being deleted`;
  if (ephemeral && !isControlledBy(claim, pod)) {
    const { namespace, name: podName } = pod.metadata;
    return `PVC ${namespace}/${name} was not created for pod ${namespace}/${podName} (pod is not owner)`;
  }
  return undefined;
}

function preFilter(info: PodInfo, view: ClusterView): string | undefined {
  for (const volume of info.pod.spec?.volumes ?? []) {
    const name = claimNameOf(info.pod, volume);
    if (name === undefined) continue;
    const claim = view.claim(`${info.pod.metadata.namespace}/${name}`);
    const fault = findFault(info, name, volume.ephemeral !== undefined, claim);
    if (fault) return fault;
  }
  const unbound = info.claims.some((key) => {
    const claim = view.claim(key);
    return claim && !isBound(claim) && !waitsForConsumer(claim, view);
  });
  return unbound ? 'pod has unbound immediate PersistentVolumeClaims' : undefined;
}

interface VolumeState {
  claims: Claim[];
  view: ClusterView;
}

function findConflicts({ claims, view }: VolumeState, { node }: NodeInfo): string[] {
  const volumes = claims.filter(isBound).map((claim) => view.volume(claim.spec?.volumeName ?? ''));
  const reachable = volumes.every((volume) => {
    const required = volume?.spec?.nodeAffinity?.required;
    return !required || matchesAnyTerm(required, node);
  });
  return [
    ...(reachable ? [] : ["node(s) didn't match PersistentVolume's node affinity"]),
    ...(claims.every(isBound) ? [] : ["node(s) didn't find available persistent volumes to bind"]),
    ...(volumes.includes(undefined)
      ? ['node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)']
      : []),
  ];
}

export const volumeBinding: Plugin = {
  name: 'VolumeBinding',
  preFilter,
  prepareFilter(pod, _nodes, view): VolumeState | undefined {
    const claims = pod.claims.flatMap((key) => view.claim(key) ?? []);
    return claims.length ? { claims, view } : undefined;
  },
  filter(state: VolumeState, _pod, node) {
    const reasons = findConflicts(state, node);
    return reasons.length ? { reasons, unresolvable: true } : undefined;
  },
  wakes: (event, pod) => event.type === 'storageClassAdded' || concernsVolumes(event, pod),
};

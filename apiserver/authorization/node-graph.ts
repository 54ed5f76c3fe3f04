/**
 * Which objects the pods of a node refer to. The graph of the Node authorizer is one index over the pods' view, whose values
 * are `node|kind/namespace/name`; so an answer is one look-up. Upstream: `plugin/pkg/auth/authorizer/node/graph.go`.
 */
import type { Pod } from '../../api/core/v1/pod';

export type ReferencedKind = 'pod' | 'secret' | 'configmap' | 'serviceaccount' | 'persistentvolumeclaim';

export const nodeReference = (node: string, kind: ReferencedKind, namespace: string, name: string): string =>
  `${node}|${kind}/${namespace}/${name}`;

/** All references of a pod, without the node. Pure. */
export function podReferences(pod: Pod): [ReferencedKind, string][] {
  const found: [ReferencedKind, string][] = [['pod', pod.metadata?.name ?? '']];
  const add = (kind: ReferencedKind, name: string | undefined): void => {
    if (name) found.push([kind, name]);
  };
  const { spec } = pod;
  // A mirror pod may not make other objects readable: the node itself made it.
  if (!spec || pod.metadata?.annotations?.['kubernetes.io/config.mirror'] !== undefined) return found;
  add('serviceaccount', spec.serviceAccountName);
  for (const secret of spec.imagePullSecrets ?? []) add('secret', secret.name);
  const containers = [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])];
  for (const container of containers) {
    for (const source of container.envFrom ?? []) {
      add('secret', source.secretRef?.name);
      add('configmap', source.configMapRef?.name);
    }
    for (const { valueFrom } of container.env ?? []) {
      add('secret', valueFrom?.secretKeyRef?.name);
      add('configmap', valueFrom?.configMapKeyRef?.name);
    }
  }
  for (const volume of spec.volumes ?? []) {
    add('secret', volume.secret?.secretName);
    add('configmap', volume.configMap?.name);
    add('persistentvolumeclaim', volume.persistentVolumeClaim?.claimName);
    if (volume.ephemeral) add('persistentvolumeclaim', `${pod.metadata?.name}-${volume.name}`);
    for (const source of volume.projected?.sources ?? []) {
      add('secret', source.secret?.name);
      add('configmap', source.configMap?.name);
    }
    add('secret', volume.csi?.nodePublishSecretRef?.name);
    for (const driver of [
      volume.cephfs,
      volume.rbd,
      volume.iscsi,
      volume.flexVolume,
      volume.scaleIO,
      volume.storageos,
    ]) {
      add('secret', driver?.secretRef?.name);
    }
    add('secret', volume.azureFile?.secretName);
  }
  return found;
}

/** The index values of a pod: nothing until it is bound. */
export function nodeReferencesOf(pod: Pod): Set<string> {
  const node = pod.spec?.nodeName;
  const namespace = pod.metadata?.namespace ?? '';
  if (!node) return new Set();
  return new Set(podReferences(pod).map(([kind, name]) => nodeReference(node, kind, namespace, name)));
}

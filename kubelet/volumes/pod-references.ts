/** Which config maps and secrets a pod names, for the watches that feed its volumes and environment. */
import { type Container, containersOf, type Pod } from '../../api/core/v1/pod';

export interface PodReferences {
  configMaps: string[];
  secrets: string[];
}

export function referencesOf(pod: Pod): PodReferences {
  const configMaps = new Set<string>();
  const secrets = new Set<string>();
  const spec = pod.spec;
  for (const { name } of spec?.imagePullSecrets ?? []) if (name) secrets.add(name);
  for (const volume of spec?.volumes ?? []) {
    if (volume.configMap?.name) configMaps.add(volume.configMap.name);
    if (volume.secret?.secretName) secrets.add(volume.secret.secretName);
    for (const source of volume.projected?.sources ?? []) {
      if (source.configMap?.name) configMaps.add(source.configMap.name);
      if (source.secret?.name) secrets.add(source.secret.name);
    }
  }
  const containers = [...containersOf(pod), ...((spec?.ephemeralContainers ?? []) as Container[])];
  for (const container of containers) {
    for (const source of container.envFrom ?? []) {
      if (source.configMapRef?.name) configMaps.add(source.configMapRef.name);
      if (source.secretRef?.name) secrets.add(source.secretRef.name);
    }
    for (const { valueFrom } of container.env ?? []) {
      if (valueFrom?.configMapKeyRef?.name) configMaps.add(valueFrom.configMapKeyRef.name);
      if (valueFrom?.secretKeyRef?.name) secrets.add(valueFrom.secretKeyRef.name);
    }
  }
  return { configMaps: [...configMaps], secrets: [...secrets] };
}

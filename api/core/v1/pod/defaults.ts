/**
 * Defaults of pods and pod templates. Upstream: `pkg/apis/core/v1/defaults.go`; SetDefaults_Pod applies to pods only, the
 * rest to every pod spec.
 */
import { setClaimSpecDefaults } from '../persistentvolumeclaim/defaults';
import { canonicalQuantity, canonicalizeResourceList } from '../resource-list';
import { imageTag } from './image-name';
import { aggregateContainerResources, isPodLevelResource } from './resources';
import type {
  Container,
  EphemeralContainer,
  LifecycleHandler,
  Pod,
  PodSpec,
  PodTemplateSpec,
  Probe,
  ResourceRequirements,
  Volume,
} from './types';

/** Defaults of a Pod. */
export function setPodDefaults(pod: Pod): void {
  const spec = (pod.spec ??= { containers: [] });
  setPodSpecDefaults(spec);
  for (const container of [...(spec.containers ?? []), ...(spec.initContainers ?? [])]) {
    const { resources } = container;
    if (resources?.limits) resources.requests = { ...resources.limits, ...resources.requests };
  }
  setPodLevelRequests(spec);
  spec.enableServiceLinks ??= true;
  if (spec.hostNetwork) {
    for (const container of [...(spec.containers ?? []), ...(spec.initContainers ?? [])]) {
      for (const port of container.ports ?? []) port.hostPort ||= port.containerPort;
    }
  }
}

/** Defaults of a pod template: those of its spec alone. */
export function setPodTemplateDefaults(template: PodTemplateSpec | undefined): void {
  if (!template) return;
  setPodSpecDefaults((template.spec ??= { containers: [] }));
}

function setPodSpecDefaults(spec: PodSpec): void {
  spec.dnsPolicy ||= 'ClusterFirst';
  spec.restartPolicy ||= 'Always';
  spec.securityContext ??= {};
  spec.terminationGracePeriodSeconds ??= 30;
  spec.schedulerName ||= 'default-scheduler';
  syncServiceAccount(spec);
  canonicalizeResourceList(spec.overhead);
  setResourcesDefaults(spec.resources);
  // A struct of Go's, which is always there.
  const preferred = spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution;
  for (const term of preferred ?? []) term.preference ??= {};
  for (const volume of spec.volumes ?? []) setVolumeDefaults(volume);
  for (const container of [...(spec.containers ?? []), ...(spec.initContainers ?? [])]) setContainerDefaults(container);
  for (const container of spec.ephemeralContainers ?? []) setContainerDefaults(container);
}

/** `serviceAccount` is the deprecated name of `serviceAccountName`; both are always shown with the same value. */
export function syncServiceAccount(spec: PodSpec): void {
  const name = spec.serviceAccountName || spec.serviceAccount;
  if (!name) return;
  spec.serviceAccountName = name;
  spec.serviceAccount = name;
}

function setResourcesDefaults(resources: ResourceRequirements | undefined): void {
  canonicalizeResourceList(resources?.limits);
  canonicalizeResourceList(resources?.requests);
}

function setContainerDefaults(container: Container | EphemeralContainer): void {
  container.imagePullPolicy ||= imageTag(container.image ?? '') === 'latest' ? 'Always' : 'IfNotPresent';
  container.terminationMessagePath ||= '/dev/termination-log';
  container.terminationMessagePolicy ||= 'File';
  setResourcesDefaults((container.resources ??= {}));
  for (const port of container.ports ?? []) port.protocol ||= 'TCP';
  for (const { valueFrom } of container.env ?? []) {
    if (valueFrom?.fieldRef) valueFrom.fieldRef.apiVersion ||= 'v1';
    if (valueFrom?.resourceFieldRef) setDivisorDefault(valueFrom.resourceFieldRef);
  }
  for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe]) {
    if (probe) setProbeDefaults(probe);
  }
  setHandlerDefaults(container.lifecycle?.postStart);
  setHandlerDefaults(container.lifecycle?.preStop);
}

function setDivisorDefault(reference: { divisor?: string }): void {
  reference.divisor = canonicalQuantity(reference.divisor ?? '0');
}

function setProbeDefaults(probe: Probe): void {
  probe.timeoutSeconds ||= 1;
  probe.periodSeconds ||= 10;
  probe.successThreshold ||= 1;
  probe.failureThreshold ||= 3;
  if (probe.grpc) probe.grpc.service ??= '';
  setHandlerDefaults(probe);
}

function setHandlerDefaults(handler: Pick<LifecycleHandler, 'httpGet'> | undefined): void {
  if (!handler?.httpGet) return;
  handler.httpGet.path ||= '/';
  handler.httpGet.scheme ||= 'HTTP';
}

function setVolumeDefaults(volume: Volume): void {
  const hasSource = Object.entries(volume).some(
    ([key, source]) => key !== 'name' && source !== undefined && source !== null,
  );
  if (!hasSource) volume.emptyDir = {};
  if (volume.emptyDir?.sizeLimit !== undefined)
    volume.emptyDir.sizeLimit = canonicalQuantity(volume.emptyDir.sizeLimit);
  if (volume.hostPath) volume.hostPath.type ??= '';
  if (volume.secret) volume.secret.defaultMode ??= 0o644;
  if (volume.configMap) volume.configMap.defaultMode ??= 0o644;
  if (volume.image) {
    volume.image.pullPolicy ||= imageTag(volume.image.reference ?? '') === 'latest' ? 'Always' : 'IfNotPresent';
  }
  setClaimSpecDefaults(volume.ephemeral?.volumeClaimTemplate?.spec);
  if (volume.downwardAPI) {
    volume.downwardAPI.defaultMode ??= 0o644;
    for (const item of volume.downwardAPI.items ?? []) setDownwardItemDefaults(item);
  }
  if (volume.projected) {
    volume.projected.defaultMode ??= 0o644;
    for (const source of volume.projected.sources ?? []) {
      if (source.serviceAccountToken) source.serviceAccountToken.expirationSeconds ??= 3600;
      for (const item of source.downwardAPI?.items ?? []) setDownwardItemDefaults(item);
    }
  }
}

function setDownwardItemDefaults(item: {
  fieldRef?: { apiVersion?: string };
  resourceFieldRef?: { divisor?: string };
}): void {
  if (item.fieldRef) item.fieldRef.apiVersion ||= 'v1';
  if (item.resourceFieldRef) setDivisorDefault(item.resourceFieldRef);
}

/** Pod-level requests follow the containers' requests, then the pod-level limits, once there are pod-level limits. */
function setPodLevelRequests(spec: PodSpec): void {
  const limits = spec.resources?.limits;
  if (!limits || Object.keys(limits).length === 0) return;
  const requests = { ...spec.resources!.requests };
  for (const [name, quantity] of Object.entries(aggregateContainerResources(spec, 'requests'))) {
    if (isPodLevelResource(name) && !name.startsWith('hugepages-')) requests[name] ??= quantity.toString();
  }
  for (const [name, quantity] of Object.entries(limits)) if (isPodLevelResource(name)) requests[name] ??= quantity;
  spec.resources!.requests = requests;
}

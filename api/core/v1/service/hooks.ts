/**
 * Defaults of Services and what an update keeps: addresses and ports that were allocated stay unless the type changes.
 * IP families and addresses are filled in by the API server's allocators. Upstream: SetDefaults_Service and `pkg/registry/core/service/{strategy,storage/storage}.go`.
 */
import { deepEqual } from '../../../meta/json';
import { isExternallyAccessible, needsClusterIp, needsHealthCheck, needsNodePort } from './facts';
import type { Service, ServicePort, ServiceSpec } from './types';

export function setServiceDefaults(service: Service): void {
  const spec = (service.spec ??= {});
  spec.sessionAffinity ||= 'None';
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig;
  if (spec.sessionAffinity === 'ClientIP' && spec.sessionAffinityConfig?.clientIP?.timeoutSeconds === undefined) {
    spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: 10800 } };
  }
  spec.type ||= 'ClusterIP';
  for (const port of spec.ports ?? []) {
    port.protocol ||= 'TCP';
    port.targetPort ||= port.port;
  }
  if (isExternallyAccessible(spec)) spec.externalTrafficPolicy ||= 'Cluster';
  if (['NodePort', 'LoadBalancer', 'ClusterIP'].includes(spec.type)) spec.internalTrafficPolicy ??= 'Cluster';
  if (spec.type !== 'LoadBalancer') return;
  spec.allocateLoadBalancerNodePorts ??= true;
  for (const ingress of service.status?.loadBalancer?.ingress ?? []) if (ingress.ip) ingress.ipMode ??= 'VIP';
}

export function prepareServiceForCreate(service: Service): void {
  const spec = (service.spec ??= {});
  service.status = { loadBalancer: {} };
  if (spec.clusterIP && !spec.clusterIPs?.length) spec.clusterIPs = [spec.clusterIP];
}

export function prepareServiceForUpdate(service: Service, old: Service): void {
  const spec = (service.spec ??= {});
  const before = old.spec ?? {};
  normalizeClusterIps(spec, before);
  patchAllocatedValues(service, old);
  dropTypeDependentFields(service, old);
}

/** Whoever knows only `clusterIP` changes `clusterIPs` with it, and the other way round when the list is cleared. */
function normalizeClusterIps(spec: ServiceSpec, old: ServiceSpec): void {
  const sameList = deepEqual(spec.clusterIPs ?? [], old.clusterIPs ?? []);
  if ((spec.clusterIP ?? '') !== (old.clusterIP ?? '')) {
    if (!spec.clusterIP && sameList) delete spec.clusterIPs;
    else if (spec.clusterIP && sameList) spec.clusterIPs = [spec.clusterIP];
  } else if (!sameList && !spec.clusterIPs?.length) delete spec.clusterIP;
}

const portKey = ({ protocol, port }: ServicePort): string => `${protocol ?? 'TCP'}/${port}`;

/** A replace that leaves allocated fields out keeps them. */
function patchAllocatedValues(service: Service, old: Service): void {
  const spec = service.spec!;
  const before = old.spec ?? {};
  if (needsClusterIp(old) && needsClusterIp(service)) {
    if (!spec.clusterIP) {
      if (before.clusterIP !== undefined) spec.clusterIP = before.clusterIP;
      if (before.clusterIPs && !spec.clusterIPs?.length) spec.clusterIPs = [...before.clusterIPs];
    } else if (!spec.clusterIPs?.length && spec.clusterIP === before.clusterIP && before.clusterIPs) {
      spec.clusterIPs = [...before.clusterIPs];
    }
    if (before.ipFamilyPolicy !== undefined) spec.ipFamilyPolicy ??= before.ipFamilyPolicy;
    if (!spec.ipFamilies?.length && before.ipFamilies) spec.ipFamilies = [...before.ipFamilies];
  }
  if (needsNodePort(old) && needsNodePort(service)) {
    const taken = new Set(
      (spec.ports ?? []).filter(({ nodePort }) => nodePort).map(({ protocol, nodePort }) => `${protocol}/${nodePort}`),
    );
    const allocated = new Map((before.ports ?? []).map((port) => [portKey(port), port.nodePort]));
    for (const port of spec.ports ?? []) {
      const nodePort = allocated.get(portKey(port));
      if (!port.nodePort && nodePort && !taken.has(`${port.protocol}/${nodePort}`)) port.nodePort = nodePort;
    }
  }
  if (needsHealthCheck(old) && needsHealthCheck(service) && before.healthCheckNodePort) {
    spec.healthCheckNodePort ||= before.healthCheckNodePort;
  }
}

/** When the type changes, fields that the old type needed and the user left alone go away. */
function dropTypeDependentFields(service: Service, old: Service): void {
  const spec = service.spec!;
  const before = old.spec ?? {};
  if (needsClusterIp(old) && !needsClusterIp(service)) {
    if (spec.clusterIP === before.clusterIP && deepEqual(spec.clusterIPs ?? [], before.clusterIPs ?? [])) {
      delete spec.clusterIP;
      delete spec.clusterIPs;
    }
    if (deepEqual(spec.ipFamilies, before.ipFamilies)) delete spec.ipFamilies;
    if (spec.ipFamilyPolicy === before.ipFamilyPolicy) delete spec.ipFamilyPolicy;
  }
  if (needsNodePort(old) && !needsNodePort(service)) {
    const allocated = new Set((before.ports ?? []).map(({ protocol, nodePort }) => `${protocol}/${nodePort}`));
    for (const port of spec.ports ?? []) {
      if (port.nodePort && allocated.has(`${port.protocol}/${port.nodePort}`)) delete port.nodePort;
    }
  }
  if (needsHealthCheck(old) && !needsHealthCheck(service) && spec.healthCheckNodePort === before.healthCheckNodePort) {
    delete spec.healthCheckNodePort;
  }
  if (before.type === 'LoadBalancer' && spec.type !== 'LoadBalancer') {
    if (spec.allocateLoadBalancerNodePorts === before.allocateLoadBalancerNodePorts)
      delete spec.allocateLoadBalancerNodePorts;
    if (spec.loadBalancerClass === before.loadBalancerClass) delete spec.loadBalancerClass;
  }
  if (isExternallyAccessible(before) && !isExternallyAccessible(spec)) {
    if (spec.externalTrafficPolicy === before.externalTrafficPolicy) delete spec.externalTrafficPolicy;
  }
}

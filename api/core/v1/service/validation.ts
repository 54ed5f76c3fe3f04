/** Services: ports, addresses, and what each type may say. Upstream: ValidateService. */
import {
  at,
  invalidEach,
  oneOf,
  optionalOneOf,
  portNumOrName,
  requiredAnd,
  supportedProtocols,
  validIp,
} from '../../../meta/field-checks';
import { duplicate, type FieldError, type FieldPath, forbidden, invalid, required } from '../../../meta/field-error';
import { isDns1123Label, isDns1123Subdomain, isQualifiedName, isValidCidr, isValidPortNum } from '../../../meta/names';
import { validateLabels } from '../../../meta/object-meta';
import { validateNonSpecialIp } from '../special-ips';
import { isExternallyAccessible, isHeadless, needsHealthCheck } from './facts';
import type { Service, ServicePort, ServiceSpec } from './types';
import { validateClusterIpChange, validateClusterIps } from './validation-addresses';

const path = at('spec');
const balancerOnly = "may only be used when `type` is 'LoadBalancer'";

function validateSpecOfType(spec: ServiceSpec): FieldError[] {
  if (spec.type === 'LoadBalancer' || spec.type === 'NodePort') {
    if (!isHeadless(spec)) return [];
    const first = path.child('clusterIPs').index(0);
    return [invalid(first, 'None', `may not be set to 'None' for ${spec.type} services`)];
  }
  if (spec.type !== 'ExternalName') return [];
  const errors: FieldError[] = [];
  const detail = 'may not be set for ExternalName services';
  if (spec.clusterIPs?.length) errors.push(forbidden(path.child('clusterIPs'), detail));
  if (spec.ipFamilies?.length) errors.push(forbidden(path.child('ipFamilies'), detail));
  if (spec.ipFamilyPolicy !== undefined) errors.push(forbidden(path.child('ipFamilyPolicy'), detail));
  const cname = (spec.externalName ?? '').replace(/\.$/, '');
  return [...errors, ...requiredAnd(path.child('externalName'), cname, isDns1123Subdomain)];
}

function validatePort(port: ServicePort, nameRequired: boolean, names: Set<string>, portPath: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const namePath = portPath.child('name');
  if (port.name) {
    errors.push(...invalidEach(namePath, port.name, isDns1123Label(port.name)));
    if (names.has(port.name)) errors.push(duplicate(namePath, port.name));
    names.add(port.name);
  } else if (nameRequired) errors.push(required(namePath));
  const { appProtocol } = port;
  return [
    ...errors,
    ...invalidEach(portPath.child('port'), port.port ?? 0, isValidPortNum(port.port ?? 0)),
    ...oneOf(portPath.child('protocol'), port.protocol, supportedProtocols),
    ...portNumOrName(portPath.child('targetPort'), port.targetPort),
    ...(appProtocol === undefined
      ? []
      : invalidEach(portPath.child('appProtocol'), appProtocol, isQualifiedName(appProtocol))),
  ];
}

/** Each port number, and each node port, once per protocol. */
function validatePortRepeats(spec: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  const nodePorts = new Set<string>();
  const ports = new Set<string>();
  const list = [...(spec.ports ?? []).entries()];
  for (const [index, { nodePort, protocol }] of list) {
    if (!nodePort) continue;
    const nodePortPath = path.child('ports').index(index).child('nodePort');
    if (spec.type === 'ClusterIP') errors.push(forbidden(nodePortPath, "may not be used when `type` is 'ClusterIP'"));
    const key = `${protocol}/${nodePort}`;
    if (nodePorts.has(key)) errors.push(duplicate(nodePortPath, nodePort));
    nodePorts.add(key);
  }
  for (const [index, { port, protocol }] of list) {
    const key = `${protocol}/${port}`;
    // Upstream prints the port with every field of its Go form.
    const value = { Name: '', Protocol: protocol, AppProtocol: null, Port: port, TargetPort: 0, NodePort: 0 };
    if (ports.has(key)) errors.push(duplicate(path.child('ports').index(index), value));
    ports.add(key);
  }
  return errors;
}

function validateAffinity({ sessionAffinity, sessionAffinityConfig: config }: ServiceSpec): FieldError[] {
  const errors = oneOf(path.child('sessionAffinity'), sessionAffinity, ['ClientIP', 'None']);
  const configPath = path.child('sessionAffinityConfig');
  if (sessionAffinity === 'None' && config) {
    errors.push(forbidden(configPath, 'must not be set when session affinity is None'));
  }
  if (sessionAffinity !== 'ClientIP') return errors;
  const detail = 'when session affinity type is ClientIP';
  if (!config) return [...errors, required(configPath, detail)];
  if (!config.clientIP) return [...errors, required(configPath.child('clientIP'), detail)];
  const timeoutPath = configPath.child('clientIP', 'timeoutSeconds');
  const timeout = config.clientIP.timeoutSeconds;
  if (timeout === undefined) return [...errors, required(timeoutPath, detail)];
  if (timeout > 0 && timeout <= 86400) return errors;
  return [...errors, invalid(timeoutPath, timeout, 'must be greater than 0 and less than 86400')];
}

function validateBalancer(spec: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  const isBalancer = spec.type === 'LoadBalancer';
  const rangesPath = path.child('LoadBalancerSourceRanges');
  if (spec.loadBalancerSourceRanges?.length && !isBalancer) errors.push(forbidden(rangesPath, balancerOnly));
  for (const [index, text] of (spec.loadBalancerSourceRanges ?? []).entries()) {
    errors.push(...invalidEach(rangesPath.index(index), text.trim(), isValidCidr(text.trim())));
  }
  const allocate = spec.allocateLoadBalancerNodePorts;
  if (allocate !== undefined && !isBalancer) {
    errors.push(forbidden(path.child('allocateLoadBalancerNodePorts'), balancerOnly));
  }
  if (allocate === undefined && isBalancer) errors.push(required('allocateLoadBalancerNodePorts'));
  if (spec.loadBalancerClass !== undefined) {
    const classPath = path.child('loadBalancerClass');
    if (!isBalancer) errors.push(forbidden(classPath, balancerOnly));
    else errors.push(...invalidEach(classPath, spec.loadBalancerClass, isQualifiedName(spec.loadBalancerClass)));
  }
  return errors;
}

function validateTraffic(service: Service, spec: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  const policies = ['Cluster', 'Local'];
  const externalPath = path.child('externalTrafficPolicy');
  if (isExternallyAccessible(spec)) errors.push(...oneOf(externalPath, spec.externalTrafficPolicy, policies));
  else if (spec.externalTrafficPolicy) {
    const detail = 'may only be set for externally-accessible services';
    errors.push(invalid(externalPath, spec.externalTrafficPolicy, detail));
  }
  const checkPath = path.child('healthCheckNodePort');
  const checkPort = spec.healthCheckNodePort;
  if (needsHealthCheck(service)) {
    if (checkPort) errors.push(...invalidEach(checkPath, checkPort, isValidPortNum(checkPort)));
  } else if (checkPort) {
    const detail = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
    errors.push(invalid(checkPath, checkPort, detail));
  }
  const internalPath = path.child('internalTrafficPolicy');
  const typed = ['ClusterIP', 'LoadBalancer', 'NodePort'].includes(spec.type ?? '');
  if (spec.internalTrafficPolicy === undefined && typed) errors.push(required(internalPath));
  errors.push(...optionalOneOf(internalPath, spec.internalTrafficPolicy, policies));
  const distributions = ['PreferClose', 'PreferSameNode', 'PreferSameZone'];
  return [...errors, ...optionalOneOf(path.child('trafficDistribution'), spec.trafficDistribution, distributions)];
}

export function validateService(service: Service): FieldError[] {
  const spec = service.spec ?? {};
  const ports = spec.ports ?? [];
  const names = new Set<string>();
  const portless = ports.length === 0 && !isHeadless(spec) && spec.type !== 'ExternalName';
  return [
    ...(portless ? [required(path.child('ports'))] : []),
    ...validateSpecOfType(spec),
    ...ports.flatMap((port, index) => validatePort(port, ports.length > 1, names, path.child('ports').index(index))),
    ...validateLabels(spec.selector, path.child('selector')),
    ...validateAffinity(spec),
    ...validateClusterIps(spec),
    ...(spec.externalIPs ?? []).flatMap((ip, index) => {
      const ipPath = path.child('externalIPs').index(index);
      const errors = validIp(ipPath, ip);
      return errors.length ? errors : validateNonSpecialIp(ipPath, ip);
    }),
    ...oneOf(path.child('type'), spec.type, ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']),
    ...validatePortRepeats(spec),
    ...validateBalancer(spec),
    ...validateTraffic(service, spec),
  ];
}

export function validateServiceUpdate(service: Service, old: Service): FieldError[] {
  const spec = service.spec ?? {};
  const oldSpec = old.spec ?? {};
  const errors = validateClusterIpChange(spec, oldSpec);
  const classPath = path.child('loadBalancerClass');
  const staysBalancer = spec.type === 'LoadBalancer' && oldSpec.type === 'LoadBalancer';
  if (staysBalancer && spec.loadBalancerClass !== oldSpec.loadBalancerClass) {
    errors.push(invalid(classPath, spec.loadBalancerClass, 'may not change once set'));
  }
  const keepsCheck = needsHealthCheck(old) && needsHealthCheck(service);
  if (keepsCheck && spec.healthCheckNodePort !== oldSpec.healthCheckNodePort) {
    errors.push(forbidden(path.child('healthCheckNodePort'), 'field is immutable'));
  }
  return [...errors, ...validateService(service)];
}

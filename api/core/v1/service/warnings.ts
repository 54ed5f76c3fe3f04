/** Warnings about Services: what is ignored, going, or not written as it should be. Upstream: `pkg/api/service/warnings.go`. */
import { at } from '../../../meta/field-checks';
import type { FieldPath } from '../../../meta/field-error';
import { isHeadless } from './facts';
import type { Service } from './types';

const hintsAnnotation = 'service.kubernetes.io/topology-aware-hints';
const path = at('spec');

/** The form of RFC 5952, which URLs print. */
const canonicalIpv6 = (address: string): string => new URL(`http://[${address}]`).hostname.slice(1, -1);

function ipWarnings(where: FieldPath, address: string): string[] {
  if (!address.includes(':') || address.includes('.') || !URL.canParse(`http://[${address}]`)) return [];
  const canonical = canonicalIpv6(address);
  if (canonical === address) return [];
  return [`${where}: IPv6 address "${address}" should be in RFC 5952 canonical format ("${canonical}")`];
}

export function serviceWarnings({ metadata, spec = {} }: Service): string[] {
  const { clusterIPs = [], externalIPs = [], loadBalancerIP, type, trafficDistribution } = spec;
  const isExternalName = type === 'ExternalName';
  const headless = type === 'ClusterIP' && isHeadless(spec);
  const warnings: string[] = [];
  if (metadata?.annotations?.[hintsAnnotation] !== undefined) {
    const mode = 'service.kubernetes.io/topology-mode';
    warnings.push(`annotation ${hintsAnnotation} is deprecated, please use ${mode} instead`);
  }
  if (!headless && !isExternalName) {
    warnings.push(...clusterIPs.flatMap((ip, index) => ipWarnings(path.child('clusterIPs').index(index), ip)));
  }
  if (headless) {
    if (loadBalancerIP) warnings.push('spec.loadBalancerIP is ignored for headless services');
    if (externalIPs.length) warnings.push('spec.externalIPs is ignored for headless services');
    if (spec.sessionAffinity !== 'None') warnings.push('spec.SessionAffinity is ignored for headless services');
  }
  warnings.push(...externalIPs.flatMap((ip, index) => ipWarnings(path.child('externalIPs').index(index), ip)));
  if (externalIPs.length && !headless && !isExternalName) {
    warnings.push('spec.externalIPs is deprecated and may no longer be implemented in some clusters');
  }
  if (loadBalancerIP) warnings.push(...ipWarnings(path.child('loadBalancerIP'), loadBalancerIP));
  if (isExternalName && externalIPs.length) {
    warnings.push('spec.externalIPs is ignored when spec.type is "ExternalName"');
  }
  if (!isExternalName && spec.externalName) {
    warnings.push('spec.externalName is ignored when spec.type is not "ExternalName"');
  }
  if (trafficDistribution === 'PreferClose') {
    warnings.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"');
  }
  return warnings;
}

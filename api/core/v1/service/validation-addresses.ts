/** Cluster addresses and IP families of a Service. Upstream: ValidateServiceClusterIPsRelatedFields. */
import { at, validIp } from '../../../meta/field-checks';
import { duplicate, type FieldError, invalid, notSupported } from '../../../meta/field-error';
import type { ServiceSpec } from './types';

const path = at('spec');
const ipsPath = path.child('clusterIPs');

export function validateClusterIps(spec: ServiceSpec): FieldError[] {
  const { clusterIP = '', clusterIPs = [], ipFamilies = [], ipFamilyPolicy } = spec;
  // ExternalName services have refused these fields elsewhere.
  if (spec.type === 'ExternalName') return [];
  const errors: FieldError[] = [];
  if (!clusterIP && clusterIPs.length) {
    errors.push(invalid(ipsPath, clusterIPs, 'must be empty when `clusterIP` is not specified'));
  } else if (clusterIPs.length && clusterIPs[0] !== clusterIP) {
    errors.push(invalid(ipsPath, clusterIPs, 'first value must match `clusterIP`'));
  }
  for (const [index, ip] of clusterIPs.entries()) {
    if (ip !== 'None') errors.push(...validIp(ipsPath.index(index), ip));
    else if (clusterIPs.length > 1) {
      errors.push(invalid(ipsPath.index(index), clusterIPs, "'None' must be the first and only value"));
    }
  }
  if (clusterIPs.length > 2) errors.push(invalid(ipsPath, clusterIPs, 'may only hold up to 2 values'));
  const familiesPath = path.child('ipFamilies');
  const seen = new Set<string>();
  for (const [index, family] of ipFamilies.entries()) {
    const familyPath = familiesPath.index(index);
    if (family !== 'IPv4' && family !== 'IPv6') errors.push(notSupported(familyPath, family, ['IPv4', 'IPv6']));
    if (seen.has(family)) errors.push(duplicate(familyPath, family));
    seen.add(family);
  }
  const policies = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];
  if (ipFamilyPolicy !== undefined && !policies.includes(ipFamilyPolicy)) {
    errors.push(notSupported(path.child('ipFamilyPolicy'), ipFamilyPolicy, policies));
  }
  for (const [index, ip] of clusterIPs.entries()) {
    const family = ipFamilies[index];
    if (ip === 'None' || !family || (ip.includes(':') ? 'IPv6' : 'IPv4') === family) continue;
    const detail = `expected an ${family} value as indicated by \`ipFamilies[${index}]\``;
    errors.push(invalid(ipsPath.index(index), ip, detail));
  }
  return errors;
}

/** Once given, the primary address and family stay, except on the way from or to ExternalName. */
export function validateClusterIpChange(spec: ServiceSpec, old: ServiceSpec): FieldError[] {
  if (spec.type === 'ExternalName' || old.type === 'ExternalName') return [];
  const errors: FieldError[] = [];
  const primary = old.clusterIPs?.[0];
  if (primary && !spec.clusterIPs?.length)
    errors.push(invalid(ipsPath.index(0), spec.clusterIPs, 'primary clusterIP can not be unset'));
  else if (primary && spec.clusterIPs?.[0] !== primary) {
    errors.push(invalid(ipsPath.index(0), spec.clusterIPs, 'may not change once set'));
  }
  const family = old.ipFamilies?.[0];
  const familyPath = path.child('ipFamilies').index(0);
  if (family && !spec.ipFamilies?.length)
    errors.push(invalid(familyPath, spec.ipFamilies, 'primary ipFamily can not be unset'));
  else if (family && spec.ipFamilies?.[0] !== family) {
    errors.push(invalid(familyPath, spec.ipFamilies, 'may not change once set'));
  }
  return errors;
}

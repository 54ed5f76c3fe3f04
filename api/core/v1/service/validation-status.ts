/** What a load balancer may report of itself. Upstream: ValidateServiceStatusUpdate, ValidateLoadBalancerStatus. */
import { isIP } from 'node:net';
import { at, invalidEach, oneOf, validIp } from '../../../meta/field-checks';
import { type FieldError, forbidden, invalid, required } from '../../../meta/field-error';
import { isDns1123Subdomain } from '../../../meta/names';
import type { Service } from './types';

export function validateServiceStatusUpdate({ spec, status }: Service): FieldError[] {
  const path = at('status', 'loadBalancer', 'ingress');
  const ingresses = status?.loadBalancer?.ingress ?? [];
  if (ingresses.length && spec?.type !== 'LoadBalancer') {
    return [forbidden(path, "may only be used when `spec.type` is 'LoadBalancer'")];
  }
  return ingresses.flatMap(({ ip, ipMode, hostname }, index) => {
    const where = path.index(index);
    const errors = ip ? validIp(where.child('ip'), ip) : [];
    const modePath = where.child('ipMode');
    if (ip && ipMode === undefined) errors.push(required(modePath, 'must be specified when `ip` is set'));
    else if (!ip && ipMode !== undefined) {
      errors.push(forbidden(modePath, 'may not be specified when `ip` is not set'));
    } else if (ipMode !== undefined) errors.push(...oneOf(modePath, ipMode, ['VIP', 'Proxy']));
    if (!hostname) return errors;
    const namePath = where.child('hostname');
    errors.push(...invalidEach(namePath, hostname, isDns1123Subdomain(hostname)));
    if (isIP(hostname)) errors.push(invalid(namePath, hostname, 'must be a DNS name, not an IP address'));
    return errors;
  });
}

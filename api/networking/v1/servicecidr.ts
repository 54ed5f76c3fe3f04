/** ServiceCIDR: a range from which Services get their cluster IPs. */
import { isIP } from 'node:net';
import type { V1ServiceCIDR } from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { ageColumn, nameColumn, textColumn } from '../../meta/columns';
import { at, invalidEach } from '../../meta/field-checks';
import { type FieldError, immutable, invalid, required } from '../../meta/field-error';
import { defineResource } from '../../meta/resource-definition';
import type { Wire } from '../../meta/types';
import { isCanonicalCidr } from './ip-names';

export interface ServiceCidr extends Wire<V1ServiceCIDR> {}

/** The range that the API servers are started with. */
export const defaultServiceCidrName = 'kubernetes';

const path = at('spec', 'cidrs');
const familyOf = (cidr: string): number => isIP(cidr.split('/')[0] ?? '');

function validate({ spec }: ServiceCidr): FieldError[] {
  const cidrs = spec?.cidrs ?? [];
  if (cidrs.length === 0) return [required(path, 'at least one CIDR required')];
  if (cidrs.length > 2) return [invalid(path, spec, 'may only hold up to 2 values')];
  const errors = cidrs.flatMap((cidr, index) => invalidEach(path.index(index), cidr, isCanonicalCidr(cidr)));
  const [first = '', second] = cidrs;
  if (second === undefined || familyOf(first) === 0 || familyOf(first) !== familyOf(second)) return errors;
  const detail = 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64';
  return [...errors, invalid(path, cidrs, detail)];
}

/** Ranges stay; one of the other family may be added. */
function validateUpdate(now: ServiceCidr, old: ServiceCidr): FieldError[] {
  const cidrs = now.spec?.cidrs ?? [];
  const before = old.spec?.cidrs ?? [];
  const added = before.length === 1 && cidrs.length === 2;
  if (cidrs.length !== before.length && !added) return [immutable(path, cidrs)];
  const changes = before.flatMap((cidr, index) =>
    cidr === cidrs[index] ? [] : [immutable(path.index(index), cidrs[index])],
  );
  return added ? [...changes, ...validate(now)] : changes;
}

export const serviceCidrs = defineResource<ServiceCidr>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'ServiceCIDR',
  names: { plural: 'servicecidrs', singular: 'servicecidr' },
  scope: 'Cluster',
  validate,
  validateUpdate,
  generation: false,
  subresources: { status: {} },
  columns: [
    nameColumn,
    textColumn(
      'CIDRs',
      'CIDRs defines the IP blocks in CIDR notation (e.g. "192.168.0.0/24" or "2001:db8::/64") from which to assign service cluster IPs. Max of two CIDRs is allowed, one of each IP family. This field is immutable.',
      ({ spec }) => spec?.cidrs?.join(',') ?? '',
    ),
    ageColumn,
  ],
});

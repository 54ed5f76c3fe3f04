/** Lease: who leads, and which nodes are alive. */
import type { V1Lease, V1LeaseSpec } from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { ageColumn, nameColumn, textColumn } from '../../meta/columns';
import { at, invalidEach, nonNegative } from '../../meta/field-checks';
import { type FieldError, type FieldPath, forbidden, invalid, notSupported } from '../../meta/field-error';
import { isQualifiedName } from '../../meta/names';
import { defineResource } from '../../meta/resource-definition';
import type { Wire } from '../../meta/types';

export interface Lease extends Wire<V1Lease> {}
export interface LeaseSpec extends Wire<V1LeaseSpec> {}

/** How candidates agree on a holder: upstream's own way, or somebody's, with a domain. Upstream repeats the field's name. */
function validateStrategy(strategy: string | undefined, path: FieldPath): FieldError[] {
  if (strategy === undefined) return [];
  const where = path.child('strategy');
  if (strategy.includes('/')) return invalidEach(where, strategy, isQualifiedName(strategy));
  return strategy === 'OldestEmulationVersion' ? [] : [notSupported(where, strategy, ['OldestEmulationVersion'])];
}

function validate({ spec }: Lease): FieldError[] {
  const path = at('spec');
  const duration = spec?.leaseDurationSeconds;
  const errors: FieldError[] = [];
  if (duration !== undefined && duration <= 0) {
    errors.push(invalid(path.child('leaseDurationSeconds'), duration, 'must be greater than 0'));
  }
  return [
    ...errors,
    ...nonNegative(path.child('leaseTransitions'), spec?.leaseTransitions),
    ...validateStrategy(spec?.strategy, path.child('strategy')),
    ...(spec?.preferredHolder && !spec.strategy
      ? [forbidden(path.child('preferredHolder'), 'may only be specified if `strategy` is defined')]
      : []),
  ];
}

export const leases = defineResource<Lease>({
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  names: { plural: 'leases', singular: 'lease' },
  scope: 'Namespaced',
  validate,
  validateUpdate: validate,
  allowUnconditionalUpdate: false,
  allowCreateOnUpdate: true,
  columns: [
    nameColumn,
    textColumn(
      'Holder',
      'holderIdentity contains the identity of the holder of a current lease.',
      ({ spec }) => spec?.holderIdentity ?? '',
    ),
    ageColumn,
  ],
});

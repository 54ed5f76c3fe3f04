/** IPAddress: an address that is in use, and by which object. */
import type { V1IPAddress, V1ParentReference } from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { ageColumn, nameColumn, textColumn } from '../../meta/columns';
import { at, invalidEach, unchanged } from '../../meta/field-checks';
import { type FieldError, required } from '../../meta/field-error';
import { isDns1123Subdomain, isValidPathSegmentName } from '../../meta/names';
import { defineResource } from '../../meta/resource-definition';
import type { Wire } from '../../meta/types';
import { isCanonicalIp } from './ip-names';

export interface IpAddress extends Wire<V1IPAddress> {}
export interface ParentReference extends Wire<V1ParentReference> {}

/** The manager of the addresses that API servers hand out to Services. */
export const ipAllocatorName = 'ipallocator.k8s.io';
export const ipManagedByLabel = 'ipaddress.kubernetes.io/managed-by';

export const isAllocated = ({ metadata }: IpAddress): boolean =>
  metadata?.labels?.[ipManagedByLabel] === ipAllocatorName;

function validate({ spec }: IpAddress): FieldError[] {
  const path = at('spec', 'parentRef');
  const parent = spec?.parentRef;
  if (!parent) return [required(path)];
  const { group, namespace } = parent;
  const errors = group ? invalidEach(path.child('group'), group, isDns1123Subdomain(group)) : [];
  for (const field of ['resource', 'name'] as const) {
    const value = parent[field];
    if (value) errors.push(...invalidEach(path.child(field), value, isValidPathSegmentName(value)));
    else errors.push(required(path.child(field)));
  }
  if (!namespace) return errors;
  return [...errors, ...invalidEach(path.child('namespace'), namespace, isValidPathSegmentName(namespace))];
}

function formatParent({ spec }: IpAddress): string {
  if (!spec?.parentRef) return '<none>';
  const { group, resource, namespace, name } = spec.parentRef;
  const kind = `${resource ?? ''}${group ? `.${group}` : ''}`.toLowerCase();
  return [kind, ...(namespace ? [namespace] : []), name ?? ''].join('/');
}

export const ipAddresses = defineResource<IpAddress>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IPAddress',
  names: { plural: 'ipaddresses', singular: 'ipaddress', shortNames: ['ip'] },
  scope: 'Cluster',
  validateName: isCanonicalIp,
  validate,
  validateUpdate: (now, old) => unchanged(at('spec', 'parentRef'), now.spec?.parentRef, old.spec?.parentRef),
  columns: [
    nameColumn,
    textColumn(
      'ParentRef',
      'ParentRef references the resource that an IPAddress is attached to. An IPAddress must reference a parent object.',
      formatParent,
    ),
    ageColumn,
  ],
});

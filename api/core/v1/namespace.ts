/** Namespace: lives until its finalizers are gone, which the namespace controller sees to. */
import type { V1Namespace } from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { ageColumn, nameColumn, textColumn } from '../../meta/columns';
import { at, invalidEach } from '../../meta/field-checks';
import { type FieldError, FieldPath, invalid } from '../../meta/field-error';
import { isQualifiedName, nameIsDnsLabel } from '../../meta/names';
import { defineResource } from '../../meta/resource-definition';
import type { Wire } from '../../meta/types';

export interface Namespace extends Wire<V1Namespace> {}

const nameLabel = 'kubernetes.io/metadata.name';
const ownFinalizer = 'kubernetes';

function setNameLabel({ metadata }: Namespace): void {
  if (metadata?.name) metadata.labels = { ...metadata.labels, [nameLabel]: metadata.name };
}

const validateFinalizers = ({ spec }: Namespace): FieldError[] =>
  (spec?.finalizers ?? []).flatMap((name) => {
    const path = FieldPath.of('spec', 'finalizers');
    const errors = invalidEach(path, name, isQualifiedName(name));
    if (errors.length || name.includes('/') || name === ownFinalizer) return errors;
    return [invalid(path, name, 'name is neither a standard finalizer name nor is it fully qualified')];
  });

function validateStatusUpdate({ metadata, status }: Namespace): FieldError[] {
  const path = at('status', 'Phase');
  const phase = status?.phase ?? '';
  if (metadata?.deletionTimestamp) {
    if (phase === 'Terminating') return [];
    return [invalid(path, phase, "may only be 'Terminating' if `deletionTimestamp` is not empty")];
  }
  return phase === 'Active' ? [] : [invalid(path, phase, "may only be 'Active' if `deletionTimestamp` is empty")];
}

export const namespaces = defineResource<Namespace>({
  group: '',
  version: 'v1',
  kind: 'Namespace',
  names: { plural: 'namespaces', singular: 'namespace', shortNames: ['ns'] },
  scope: 'Cluster',
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  defaults(namespace) {
    setNameLabel(namespace);
    (namespace.status ??= {}).phase ||= 'Active';
  },
  prepareForCreate(namespace) {
    setNameLabel(namespace);
    namespace.status = { phase: 'Active' };
    const finalizers = namespace.spec?.finalizers ?? [];
    namespace.spec = {
      ...namespace.spec,
      finalizers: finalizers.includes(ownFinalizer) ? finalizers : [...finalizers, ownFinalizer],
    };
  },
  prepareForUpdate(namespace, old) {
    setNameLabel(namespace);
    namespace.spec = { ...namespace.spec, finalizers: old.spec?.finalizers };
  },
  validateName: nameIsDnsLabel,
  validate: validateFinalizers,
  generation: false,
  selectableFields: { 'status.phase': ({ status }) => status?.phase ?? '' },
  columns: [
    nameColumn,
    textColumn('Status', 'The status of the namespace', ({ status }) => status?.phase ?? ''),
    ageColumn,
  ],
  subresources: {
    status: {
      prepareForUpdate(namespace, old) {
        namespace.spec = old.spec;
      },
      validateUpdate: validateStatusUpdate,
    },
    update: {
      finalize: {
        prepareForUpdate(namespace, old) {
          namespace.status = old.status;
        },
        validateUpdate: validateFinalizers,
      },
    },
  },
});

/** StatefulSet: pods with names, order and claims of their own. */
import { setClaimDefaults } from '../../../core/v1/persistentvolumeclaim/defaults';
import { templateColumns } from '../../../core/v1/pod/template-columns';
import { claimSpecWarnings } from '../../../core/v1/storage-warnings';
import { ageColumn, nameColumn, textColumn, wide } from '../../../meta/columns';
import { at } from '../../../meta/field-checks';
import { nameIsDnsLabel } from '../../../meta/names';
import { defineResource } from '../../../meta/resource-definition';
import { setPodTemplateDefaults, workloadWarnings } from '../template-validation';
import type { StatefulSet } from './types';
import { validateStatefulSet, validateStatefulSetStatusUpdate, validateStatefulSetUpdate } from './validation';

export type * from './types';

function defaults({ spec }: StatefulSet): void {
  if (!spec) return;
  setPodTemplateDefaults(spec.template);
  for (const claim of spec.volumeClaimTemplates ?? []) {
    claim.apiVersion = 'v1';
    claim.kind = 'PersistentVolumeClaim';
    setClaimDefaults(claim);
  }
  spec.podManagementPolicy ||= 'OrderedReady';
  const strategy = (spec.updateStrategy ??= {});
  if (!strategy.type) {
    strategy.type = 'RollingUpdate';
    strategy.rollingUpdate ??= {};
  }
  if (strategy.type === 'RollingUpdate' && strategy.rollingUpdate) {
    strategy.rollingUpdate.partition ??= 0;
    strategy.rollingUpdate.maxUnavailable ??= 1;
  }
  const retention = (spec.persistentVolumeClaimRetentionPolicy ??= {});
  retention.whenDeleted ||= 'Retain';
  retention.whenScaled ||= 'Retain';
  spec.replicas ??= 1;
  spec.revisionHistoryLimit ??= 10;
}

const keepsAllRevisions =
  'spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended';

function statefulSetWarnings(set: StatefulSet, old?: StatefulSet): string[] {
  const path = at('spec', 'volumeClaimTemplates');
  return [
    ...workloadWarnings(set, old),
    ...((set.spec?.revisionHistoryLimit ?? 0) < 0 ? [keepsAllRevisions] : []),
    ...(set.spec?.volumeClaimTemplates ?? []).flatMap((claim, index) =>
      claimSpecWarnings(claim.spec, path.index(index).child('Spec')),
    ),
  ];
}

export const statefulSets = defineResource<StatefulSet>({
  group: 'apps',
  version: 'v1',
  kind: 'StatefulSet',
  names: { plural: 'statefulsets', singular: 'statefulset', shortNames: ['sts'], categories: ['all'] },
  scope: 'Namespaced',
  defaults,
  prepareForCreate(set) {
    set.status = { availableReplicas: 0, replicas: 0 };
  },
  validateName: nameIsDnsLabel,
  validate: validateStatefulSet,
  validateUpdate: validateStatefulSetUpdate,
  warnings: statefulSetWarnings,
  columns: [
    nameColumn,
    textColumn(
      'Ready',
      'Number of the pod with ready state',
      ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`,
    ),
    ageColumn,
    ...templateColumns<StatefulSet>(({ spec }) => spec?.template).map(wide),
  ],
  subresources: {
    status: { validateUpdate: validateStatefulSetStatusUpdate },
    scale: { specReplicas: 'spec.replicas', statusReplicas: 'status.replicas', selector: 'spec.selector' },
  },
});

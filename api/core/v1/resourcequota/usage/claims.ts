/** What a PersistentVolumeClaim uses, in all and of its storage class. Upstream: `evaluator/core/persistent_volume_claims.go`. */
import { Quantity } from '../../../../meta/quantity';
import type { PersistentVolumeClaim } from '../../persistentvolumeclaim';
import type { Resources } from '../../pod/resources';
import { storageClassOf } from '../../storage-facts';
import { one } from './amounts';
import { countNameOf, matchesValues, type QuotaEvaluator } from './evaluator';

const countName = countNameOf({ group: '', resource: 'persistentvolumeclaims' });
const names = ['persistentvolumeclaims', 'requests.storage'];
/** `gold.storageclass.storage.k8s.io/requests.storage` */
const classInfix = '.storageclass.storage.k8s.io/';

/** What is asked for or, when a growing volume got more already, that; in whole bytes. */
function storageOf({ spec, status }: PersistentVolumeClaim): Quantity | undefined {
  const asked = Quantity.tryParse(spec?.resources?.requests?.['storage']);
  const allocated = Quantity.tryParse(status?.allocatedResources?.['storage']);
  const storage = asked && allocated && allocated.cmp(asked) > 0 ? allocated : asked;
  return storage && storage.cmp(Quantity.ofValue(storage.value(), storage.format)) !== 0
    ? Quantity.ofValue(storage.value(), storage.format)
    : storage;
}

const attributesClassesOf = ({ spec, status }: PersistentVolumeClaim): string[] =>
  [
    spec?.volumeAttributesClassName,
    status?.currentVolumeAttributesClassName,
    status?.modifyVolumeStatus?.targetVolumeAttributesClassName,
  ].filter((name): name is string => Boolean(name));

export const claimEvaluator: QuotaEvaluator = {
  handles: ({ subresource }) => !subresource,
  matchingResources: (given) =>
    given.filter(
      (name) => name === countName || names.some((known) => name === known || name.endsWith(`${classInfix}${known}`)),
    ),
  matchesScope: (scope, claim: PersistentVolumeClaim) =>
    scope.scopeName === 'VolumeAttributesClass' && matchesValues(scope, attributesClassesOf(claim)),
  usage(claim: PersistentVolumeClaim) {
    const storage = storageOf(claim);
    const usage: Resources = {
      persistentvolumeclaims: one,
      ...(storage && { 'requests.storage': storage }),
    };
    const storageClass = storageClassOf(claim);
    const byClass = Object.entries(usage).map(([name, amount]) => [`${storageClass}${classInfix}${name}`, amount]);
    return { ...usage, [countName]: one, ...(storageClass && (Object.fromEntries(byClass) as Resources)) };
  },
};

/** Checks of a StorageClass. */
import type { V1TopologySelectorTerm } from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { at, optionalOneOf, repeatedAt, unchanged } from '../../meta/field-checks';
import { duplicate, type FieldError, type FieldPath, invalid, required } from '../../meta/field-error';
import { isQualifiedName } from '../../meta/names';
import type { Wire } from '../../meta/types';
import { forbidChanges, validateParameters, validateProvisioner } from './parameters';
import type { StorageClass } from './storageclass';

type Term = Wire<V1TopologySelectorTerm>;

export const validateStorageClass = (storageClass: StorageClass): FieldError[] => [
  ...validateProvisioner(storageClass.provisioner, at('provisioner')),
  ...validateParameters(storageClass.parameters ?? {}, at('parameters')),
  ...optionalOneOf(at('reclaimPolicy'), storageClass.reclaimPolicy || undefined, ['Delete', 'Retain']),
  ...optionalOneOf(at('volumeBindingMode'), storageClass.volumeBindingMode, ['Immediate', 'WaitForFirstConsumer']),
  ...validateTopologies(storageClass.allowedTopologies ?? [], at('allowedTopologies')),
];

export const validateStorageClassUpdate = (storageClass: StorageClass, old: StorageClass): FieldError[] => [
  ...forbidChanges(storageClass, old, ['parameters', 'provisioner', 'reclaimPolicy']),
  ...unchanged(at('volumeBindingMode'), storageClass.volumeBindingMode, old.volumeBindingMode),
];

function validateTopologies(terms: Term[], path: FieldPath): FieldError[] {
  const seen = new Set<string>();
  return terms.flatMap((term, index) => {
    const errors = validateTerm(term, path.index(index));
    const shape = shapeOf(term);
    if (seen.has(shape)) errors.push(duplicate(path.index(index).child('matchLabelExpressions'), ''));
    seen.add(shape);
    return errors;
  });
}

/** Equal for terms that mean the same: values are sets, and of one key the last counts. */
function shapeOf({ matchLabelExpressions = [] }: Term): string {
  const values = new Map(matchLabelExpressions.map((one) => [one.key, [...new Set(one.values)].sort()]));
  return JSON.stringify([...values].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function validateTerm({ matchLabelExpressions = [] }: Term, path: FieldPath): FieldError[] {
  const keys = new Set<string>();
  return matchLabelExpressions.flatMap(({ key = '', values = [] }, index) => {
    const expressionPath = path.child('matchLabelExpressions').index(index);
    const keyPath = expressionPath.child('key');
    const valuesPath = expressionPath.child('values');
    const errors: FieldError[] = values.length ? [] : [required(valuesPath)];
    for (const position of repeatedAt(values)) {
      errors.push(duplicate(valuesPath.index(position), values[position]));
    }
    errors.push(...isQualifiedName(key).map((message) => invalid(keyPath, key, message)));
    if (keys.has(key)) errors.push(duplicate(keyPath, key));
    keys.add(key);
    return errors;
  });
}

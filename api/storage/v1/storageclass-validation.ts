/** Checks of a StorageClass. */
import type { V1TopologySelectorTerm } from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { at, optionalOneOf, unchanged } from '../../meta/field-checks';
import { duplicate, type FieldError, type FieldPath, invalid, required } from '../../meta/field-error';
import { deepEqual } from '../../meta/json';
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
  const seen: unknown[] = [];
  return terms.flatMap((term, index) => {
    const errors = validateTerm(term, path.index(index));
    const values = (term.matchLabelExpressions ?? []).map((one) => [one.key, [...new Set(one.values)].sort()]);
    const shape = Object.fromEntries(values) as unknown;
    if (seen.some((other) => deepEqual(other, shape))) {
      errors.push(duplicate(path.index(index).child('matchLabelExpressions'), ''));
    }
    seen.push(shape);
    return errors;
  });
}

function validateTerm({ matchLabelExpressions = [] }: Term, path: FieldPath): FieldError[] {
  const keys = new Set<string>();
  return matchLabelExpressions.flatMap(({ key = '', values = [] }, index) => {
    const expressionPath = path.child('matchLabelExpressions').index(index);
    const keyPath = expressionPath.child('key');
    const valuesPath = expressionPath.child('values');
    const errors: FieldError[] = values.length ? [] : [required(valuesPath)];
    for (const [position, value] of values.entries()) {
      if (values.indexOf(value) < position) errors.push(duplicate(valuesPath.index(position), value));
    }
    errors.push(...isQualifiedName(key).map((message) => invalid(keyPath, key, message)));
    if (keys.has(key)) errors.push(duplicate(keyPath, key));
    keys.add(key);
    return errors;
  });
}

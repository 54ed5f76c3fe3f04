/** Environment variables and where they come from. */
import { invalidEach, requiredAnd } from '../../../../meta/field-checks';
import { type FieldError, type FieldPath, invalid, required } from '../../../../meta/field-error';
import { isConfigMapKey, isRelaxedEnvVarName, nameIsDnsSubdomain } from '../../../../meta/names';
import type { EnvFromSource, EnvVar } from '../types';
import { validateFieldRef, validateResourceFieldRef } from './field-ref';

const envFieldPaths = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];

const manySources = 'may not have more than one field specified at a time';

export const validateEnv = (vars: EnvVar[] | undefined, path: FieldPath): FieldError[] =>
  (vars ?? []).flatMap((variable, index) => [
    ...requiredAnd(path.index(index).child('name'), variable.name, isRelaxedEnvVarName),
    ...validateValueFrom(variable, path.index(index).child('valueFrom')),
  ]);

function validateKeySelector(selector: { name?: string; key?: string }, path: FieldPath): FieldError[] {
  const name = selector.name ?? '';
  return [
    ...invalidEach(path.child('name'), name, nameIsDnsSubdomain(name, false)),
    ...requiredAnd(path.child('key'), selector.key, isConfigMapKey),
  ];
}

function validateValueFrom({ value, valueFrom }: EnvVar, path: FieldPath): FieldError[] {
  if (!valueFrom) return [];
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = valueFrom;
  const sources = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef].filter(Boolean).length;
  const errors: FieldError[] = [
    ...(fieldRef ? validateFieldRef(fieldRef, envFieldPaths, path.child('fieldRef')) : []),
    ...(resourceFieldRef ? validateResourceFieldRef(resourceFieldRef, false, path.child('resourceFieldRef')) : []),
    ...(configMapKeyRef ? validateKeySelector(configMapKeyRef, path.child('configMapKeyRef')) : []),
    ...(secretKeyRef ? validateKeySelector(secretKeyRef, path.child('secretKeyRef')) : []),
  ];
  if (sources === 0) {
    const names = '`fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`';
    errors.push(invalid(path, '', `must specify one of: ${names}`));
  } else if (value) {
    errors.push(invalid(path, '', 'may not be specified when `value` is not empty'));
  } else if (sources > 1) {
    errors.push(invalid(path, '', manySources));
  }
  return errors;
}

export const validateEnvFrom = (sources: EnvFromSource[] | undefined, path: FieldPath): FieldError[] =>
  (sources ?? []).flatMap((source, index) => {
    const at = path.index(index);
    const errors: FieldError[] = [];
    if (source.prefix)
      errors.push(...invalidEach(at.child('prefix'), source.prefix, isRelaxedEnvVarName(source.prefix)));
    for (const kind of ['configMapRef', 'secretRef'] as const) {
      const reference = source[kind];
      if (!reference) continue;
      const namePath = at.child(kind, 'name');
      if (!reference.name) errors.push(required(namePath));
      else errors.push(...invalidEach(namePath, reference.name, nameIsDnsSubdomain(reference.name, true)));
    }
    if (!source.configMapRef && !source.secretRef) {
      errors.push(invalid(path, '', 'must specify one of: `configMapRef` or `secretRef`'));
    } else if (source.configMapRef && source.secretRef) {
      errors.push(invalid(path, '', manySources));
    }
    return errors;
  });

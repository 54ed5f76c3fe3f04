/** What a pod says about where it wants to run: affinity, tolerations, spreading, gates. */
import { invalidEach, optionalOneOf } from '../../../../meta/field-checks';
import {
  duplicate,
  type FieldError,
  type FieldPath,
  forbidden,
  invalid,
  notSupported,
  required,
} from '../../../../meta/field-error';
import { isQualifiedName, isValidLabelValue, nameIsDnsLabel, nameIsDnsSubdomain } from '../../../../meta/names';
import { validateLabelSelector } from '../../../../meta/object-meta';
import type {
  Affinity,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinityTerm,
  Toleration,
  TopologySpreadConstraint,
} from '../types';

export const taintEffects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

const labelName = (path: FieldPath, key: string): FieldError[] => invalidEach(path, key, isQualifiedName(key));

function validateRequirement(requirement: NodeSelectorRequirement, strict: boolean, path: FieldPath): FieldError[] {
  const { key, operator, values = [] } = requirement;
  const valuesPath = path.child('values');
  const errors: FieldError[] = [];
  if (operator === 'In' || operator === 'NotIn') {
    if (!values.length) errors.push(required(valuesPath, "must be specified when `operator` is 'In' or 'NotIn'"));
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length) {
      errors.push(forbidden(valuesPath, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
    }
  } else if (operator === 'Gt' || operator === 'Lt') {
    if (values.length !== 1) {
      errors.push(required(valuesPath, "must be specified single value when `operator` is 'Lt' or 'Gt'"));
    }
  } else errors.push(invalid(path.child('operator'), operator ?? '', 'not a valid selector operator'));
  errors.push(...labelName(path.child('key'), key ?? ''));
  if (!strict) return errors;
  return [
    ...errors,
    ...values.flatMap((value, index) => invalidEach(valuesPath.index(index), value, isValidLabelValue(value))),
  ];
}

function validateFieldRequirement(
  { key, operator, values = [] }: NodeSelectorRequirement,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = [];
  if (operator !== 'In' && operator !== 'NotIn') {
    errors.push(invalid(path.child('operator'), operator ?? '', 'not a valid selector operator'));
  } else if (values.length !== 1) {
    const detail = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
    errors.push(required(path.child('values'), detail));
  }
  if (key !== 'metadata.name')
    return [...errors, invalid(path.child('key'), key ?? '', 'not a valid field selector key')];
  const names = values.flatMap((value, index) =>
    invalidEach(path.child('values').index(index), value, nameIsDnsSubdomain(value, false)),
  );
  return [...errors, ...names];
}

const validateTerm = (term: NodeSelectorTerm, strict: boolean, path: FieldPath): FieldError[] => [
  ...(term.matchExpressions ?? []).flatMap((requirement, index) =>
    validateRequirement(requirement, strict, path.child('matchExpressions').index(index)),
  ),
  ...(term.matchFields ?? []).flatMap((requirement, index) =>
    validateFieldRequirement(requirement, path.child('matchFields').index(index)),
  ),
];

export function validateNodeSelector(selector: NodeSelector, path: FieldPath): FieldError[] {
  const at = path.child('nodeSelectorTerms');
  if (!selector.nodeSelectorTerms?.length) return [required(at, 'must have at least one node selector term')];
  return selector.nodeSelectorTerms.flatMap((term, index) => validateTerm(term, true, at.index(index)));
}

const weight = (path: FieldPath, value: number): FieldError[] =>
  value >= 1 && value <= 100 ? [] : [invalid(path.child('weight'), value ?? 0, 'must be in the range 1-100')];

function validatePodAffinityTerm(term: PodAffinityTerm, path: FieldPath): FieldError[] {
  const topologyKey = path.child('topologyKey');
  return [
    ...validateLabelSelector(term.labelSelector, path.child('labelSelector')),
    ...validateLabelSelector(term.namespaceSelector, path.child('namespaceSelector')),
    ...(term.namespaces ?? []).flatMap((name) =>
      invalidEach(path.child('namespace'), name, nameIsDnsLabel(name, false)),
    ),
    ...(term.topologyKey ? [] : [required(topologyKey, 'can not be empty')]),
    ...labelName(topologyKey, term.topologyKey ?? ''),
  ];
}

const noTerm: PodAffinityTerm = { topologyKey: '' };

const requiredField = 'requiredDuringSchedulingIgnoredDuringExecution';
const preferredField = 'preferredDuringSchedulingIgnoredDuringExecution';

export function validateAffinity(affinity: Affinity | undefined, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const node = affinity?.nodeAffinity;
  const nodePath = path.child('nodeAffinity');
  if (node?.[requiredField]) errors.push(...validateNodeSelector(node[requiredField], nodePath.child(requiredField)));
  for (const [index, { weight: value, preference }] of (node?.[preferredField] ?? []).entries()) {
    const at = nodePath.child(preferredField).index(index);
    // Invalid label values are let through in preferences.
    errors.push(...weight(at, value), ...validateTerm(preference, false, at.child('preference')));
  }
  for (const kind of ['podAffinity', 'podAntiAffinity'] as const) {
    const terms = affinity?.[kind];
    for (const [index, term] of (terms?.[requiredField] ?? []).entries()) {
      errors.push(...validatePodAffinityTerm(term, path.child(kind, requiredField).index(index)));
    }
    for (const [index, { weight: value, podAffinityTerm = noTerm }] of (terms?.[preferredField] ?? []).entries()) {
      const at = path.child(kind, preferredField).index(index);
      errors.push(...weight(at, value), ...validatePodAffinityTerm(podAffinityTerm, at.child('podAffinityTerm')));
    }
  }
  return errors;
}

export const validateTolerations = (tolerations: Toleration[] | undefined, path: FieldPath): FieldError[] =>
  (tolerations ?? []).flatMap(({ key, operator = '', value = '', effect = '', tolerationSeconds }, index) => {
    const at = path.index(index);
    const operatorPath = at.child('operator');
    const errors = key ? labelName(at.child('key'), key) : [];
    if (!key && operator !== 'Exists') {
      const detail = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
      errors.push(invalid(operatorPath, operator, detail));
    }
    if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
      errors.push(invalid(at.child('effect'), effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"));
    }
    if (operator === '' || operator === 'Equal') {
      const messages = isValidLabelValue(value);
      if (messages.length) errors.push(invalid(operatorPath, value, messages.join(';')));
    } else if (operator === 'Exists') {
      if (value) errors.push(invalid(operatorPath, value, "value must be empty when `operator` is 'Exists'"));
    } else errors.push(notSupported(operatorPath, operator, ['Equal', 'Exists']));
    if (effect && !taintEffects.includes(effect)) errors.push(notSupported(at.child('effect'), effect, taintEffects));
    return errors;
  });

export const validateTopologySpread = (
  constraints: TopologySpreadConstraint[] | undefined,
  path: FieldPath,
): FieldError[] =>
  (constraints ?? []).flatMap((constraint, index, all) => {
    const { maxSkew, topologyKey, whenUnsatisfiable, minDomains } = constraint;
    const at = path.index(index);
    const errors: FieldError[] = [];
    if (!(maxSkew > 0)) errors.push(invalid(at.child('maxSkew'), maxSkew ?? 0, 'must be greater than zero'));
    if (!topologyKey) errors.push(required(at.child('topologyKey'), 'can not be empty'));
    else errors.push(...labelName(at.child('topologyKey'), topologyKey));
    const actions = ['DoNotSchedule', 'ScheduleAnyway'];
    errors.push(...optionalOneOf(at.child('whenUnsatisfiable'), whenUnsatisfiable ?? '', actions));
    const repeated = all
      .slice(index + 1)
      .some((other) => other.topologyKey === topologyKey && other.whenUnsatisfiable === whenUnsatisfiable);
    if (repeated) {
      errors.push(duplicate(at.child('{topologyKey, whenUnsatisfiable}'), `{${topologyKey}, ${whenUnsatisfiable}}`));
    }
    if (minDomains !== undefined) {
      const minPath = at.child('minDomains');
      if (minDomains <= 0) errors.push(invalid(minPath, minDomains, 'must be greater than zero'));
      if (whenUnsatisfiable !== 'DoNotSchedule') {
        const detail = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`;
        errors.push(invalid(minPath, minDomains, detail));
      }
    }
    for (const field of ['nodeAffinityPolicy', 'nodeTaintsPolicy'] as const) {
      errors.push(...optionalOneOf(at.child(field), constraint[field], ['Honor', 'Ignore']));
    }
    return [...errors, ...validateLabelSelector(constraint.labelSelector, at.child('labelSelector'))];
  });

export function validateSchedulingGates(gates: { name: string }[] | undefined, path: FieldPath): FieldError[] {
  const seen = new Set<string>();
  return (gates ?? []).flatMap(({ name }, index) => {
    const errors = labelName(path.index(index), name ?? '');
    if (seen.has(name)) errors.push(duplicate(path.index(index), name));
    seen.add(name);
    return errors;
  });
}

/** Checks that both kinds of admission policies share, as far as they do not need the expressions compiled. */
import { invalidEach, oneOf } from '../../meta/field-checks';
import { type FieldError, type FieldPath, forbidden, invalid, notSupported, required } from '../../meta/field-error';
import { isDns1035Label, isDns1123Subdomain, isValidPathSegmentName, nameIsDnsSubdomain } from '../../meta/names';
import { validateLabelSelector } from '../../meta/object-meta';
import { failurePolicies, validateMatchConditions, validateMatchResources } from './match-validation';
import type { MatchCondition, MatchResources, ParamKind, ParamRef, Variable } from './types';

interface PolicySpec {
  failurePolicy?: string;
  paramKind?: ParamKind;
  matchConstraints?: MatchResources;
  matchConditions?: MatchCondition[];
  variables?: Variable[];
}

interface BindingSpec {
  policyName?: string;
  paramRef?: ParamRef;
  matchResources?: MatchResources;
}

export function validatePolicySpec(spec: PolicySpec, path: FieldPath): FieldError[] {
  const errors = oneOf(path.child('failurePolicy'), spec.failurePolicy, failurePolicies);
  if (spec.paramKind) errors.push(...validateParamKind(spec.paramKind, path.child('paramKind')));
  const match = spec.matchConstraints;
  if (match) {
    errors.push(...validateMatchResources(match, path.child('matchConstraints')));
    // Expressions get their types from the matched resources.
    if (!match.resourceRules?.length) errors.push(required(path.child('matchConstraints', 'resourceRules')));
  } else errors.push(required(path.child('matchConstraints')));
  errors.push(...validateMatchConditions(spec.matchConditions, path.child('matchConditions')));
  const variables = spec.variables ?? [];
  return [
    ...errors,
    ...variables.flatMap((variable, index) => validateVariable(variable, path.child('variables').index(index))),
  ];
}

function validateParamKind({ apiVersion = '', kind = '' }: ParamKind, path: FieldPath): FieldError[] {
  const errors = validateParamVersion(apiVersion, path.child('apiVersion'));
  if (!kind) return [...errors, required(path.child('kind'))];
  const messages = isDns1035Label(kind.toLowerCase());
  if (messages.length === 0) return errors;
  const detail = `may have mixed case, but should otherwise match: ${messages.join(',')}`;
  return [...errors, invalid(path.child('kind'), kind, detail)];
}

function validateParamVersion(apiVersion: string, path: FieldPath): FieldError[] {
  if (!apiVersion) return [required(path)];
  const parts = apiVersion === '/' ? [''] : apiVersion.split('/');
  if (parts.length > 2) return [invalid(path, apiVersion, `unexpected GroupVersion string: ${apiVersion}`)];
  const [group, version] = parts.length === 2 ? [parts[0]!, parts[1]!] : ['', parts[0]!];
  const problems = group ? isDns1123Subdomain(group) : [];
  const errors = problems.length ? [invalid(path, group, problems.join(','))] : [];
  if (!version) return [...errors, invalid(path, apiVersion, 'version must be specified')];
  const messages = isDns1035Label(version);
  return messages.length ? [...errors, invalid(path, version, messages.join(','))] : errors;
}

const celReserved = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);
const isCelIdentifier = (name: string): boolean => /^[_a-zA-Z][_a-zA-Z0-9]*$/.test(name) && !celReserved.has(name);

function validateVariable({ name = '', expression = '' }: Variable, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  if (!name.trim()) errors.push(required(path.child('name'), 'name is not specified'));
  else if (!isCelIdentifier(name)) {
    errors.push(invalid(path.child('name'), name, 'name is not a valid CEL identifier'));
  }
  if (!expression.trim()) errors.push(required(path.child('expression'), 'expression is not specified'));
  return errors;
}

export function validateBindingSpec(spec: BindingSpec, path: FieldPath): FieldError[] {
  const { policyName, paramRef, matchResources } = spec;
  const errors = policyName
    ? invalidEach(path.child('policyName'), policyName, nameIsDnsSubdomain(policyName, false))
    : [required(path.child('policyName'))];
  if (paramRef) errors.push(...validateParamRef(paramRef, path.child('paramRef')));
  // The field's name is misspelt in upstream's messages.
  if (matchResources) errors.push(...validateMatchResources(matchResources, path.child('matchResouces')));
  return errors;
}

const exclusive = 'name and selector are mutually exclusive';

function validateParamRef(reference: ParamRef, path: FieldPath): FieldError[] {
  const { name, selector, parameterNotFoundAction: action } = reference;
  const errors = name ? invalidEach(path.child('name'), name, isValidPathSegmentName(name)) : [];
  if (name && selector) errors.push(forbidden(path.child('name'), exclusive));
  errors.push(...validateLabelSelector(selector, path.child('selector')));
  if (name && selector) errors.push(forbidden(path.child('selector'), exclusive));
  if (!name && !selector) errors.push(required(path, 'one of name or selector must be specified'));
  const actions = ['Allow', 'Deny'];
  if (!action) errors.push(required(path.child('parameterNotFoundAction')));
  else if (!actions.includes(action)) {
    errors.push(notSupported(path.child('parameterNotFoundAction'), action, actions));
  }
  return errors;
}

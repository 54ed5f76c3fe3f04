/** Checks of ValidatingAdmissionPolicies and their bindings. Upstream: `pkg/apis/admissionregistration/validation`. */
import { validateConditions } from '../../meta/condition-validation';
import { at, optionalOneOf, repeatedAt } from '../../meta/field-checks';
import { duplicate, type FieldError, type FieldPath, invalid, notSupported, required } from '../../meta/field-error';
import { isQualifiedName } from '../../meta/names';
import { validateBindingSpec, validatePolicySpec } from './policy-validation';
import type { AuditAnnotation, ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding, Validation } from './types';

const reasons = ['Forbidden', 'Invalid', 'RequestEntityTooLarge'];
const maxAuditAnnotations = 20;
const maxValueExpressionBytes = 5 * 1024;
const hasNewlines = (text: string): boolean => /[\n\r]/.test(text);

export function validatePolicy({ metadata, spec = {} }: ValidatingAdmissionPolicy): FieldError[] {
  const path = at('spec');
  const { validations = [], auditAnnotations = [] } = spec;
  const errors = validatePolicySpec(spec, path);
  if (validations.length === 0 && auditAnnotations.length === 0) {
    const detail = 'validations or auditAnnotations must contain at least one item';
    return [...errors, required(path.child('validations'), detail), required(path.child('auditAnnotations'), detail)];
  }
  for (const [index, validation] of validations.entries()) {
    errors.push(...validateValidation(validation, path.child('validations').index(index)));
  }
  if (auditAnnotations.length > maxAuditAnnotations) {
    const detail = `must not have more than ${maxAuditAnnotations} auditAnnotations`;
    errors.push(invalid(path.child('auditAnnotations'), auditAnnotations, detail));
  }
  const seen = new Set<string>();
  for (const [index, annotation] of auditAnnotations.entries()) {
    const annotationPath = path.child('auditAnnotations').index(index);
    errors.push(...validateAuditAnnotation(annotation, metadata?.name ?? '', annotationPath));
    if (seen.has(annotation.key)) errors.push(duplicate(annotationPath.child('key'), annotation.key));
    seen.add(annotation.key);
  }
  return errors;
}

function validateValidation(validation: Validation, path: FieldPath): FieldError[] {
  const { expression = '', message = '', messageExpression = '', reason } = validation;
  const errors: FieldError[] = [];
  if (!expression.trim()) errors.push(required(path.child('expression'), 'expression is not specified'));
  if (messageExpression && !messageExpression.trim()) {
    errors.push(invalid(path.child('messageExpression'), messageExpression, 'must be non-empty if specified'));
  }
  if (message && !message.trim()) {
    errors.push(invalid(path.child('message'), message, 'message must be non-empty if specified'));
  } else if (hasNewlines(message.trim())) {
    errors.push(invalid(path.child('message'), message, 'message must not contain line breaks'));
  }
  return [...errors, ...optionalOneOf(path.child('reason'), reason, reasons)];
}

/** The key is published as `<policy name>/<key>`. */
function validateAuditAnnotation(
  { key = '', valueExpression = '' }: AuditAnnotation,
  policyName: string,
  path: FieldPath,
): FieldError[] {
  const name = `${policyName}/${key}`;
  const errors = policyName
    ? isQualifiedName(name).map((message) => invalid(path.child('key'), name, message))
    : [invalid(path.child('key'), key, 'requires metadata.name be non-empty')];
  const trimmed = valueExpression.trim();
  if (!trimmed) errors.push(required(path.child('valueExpression'), 'valueExpression is not specified'));
  else if (Buffer.byteLength(trimmed) > maxValueExpressionBytes) {
    const detail = `must not exceed ${maxValueExpressionBytes} bytes in length`;
    errors.push(required(path.child('valueExpression'), detail));
  }
  return errors;
}

export function validatePolicyStatus({ status }: ValidatingAdmissionPolicy): FieldError[] {
  const path = at('status', 'typeChecking', 'expressionWarnings');
  const errors: FieldError[] = [];
  for (const [index, { fieldRef, warning }] of (status?.typeChecking?.expressionWarnings ?? []).entries()) {
    if (!warning) errors.push(required(path.index(index).child('warning')));
    if (!fieldRef?.trim()) errors.push(required(path.index(index).child('fieldRef')));
  }
  return [...errors, ...validateConditions(status?.conditions, at('status', 'conditions'))];
}

const actionNames = ['Audit', 'Deny', 'Warn'];
const denyAndWarn =
  'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)';

export function validateBinding({ spec }: ValidatingAdmissionPolicyBinding): FieldError[] {
  const path = at('spec', 'validationActions');
  const actions = spec?.validationActions ?? [];
  const errors = validateBindingSpec(spec ?? {}, at('spec'));
  const repeated = repeatedAt(actions);
  for (const [index, action] of actions.entries()) {
    if (!actionNames.includes(action)) errors.push(notSupported(path.index(index), action, actionNames));
    if (repeated.has(index)) errors.push(duplicate(path.index(index), action));
  }
  if (actions.includes('Deny') && actions.includes('Warn')) errors.push(invalid(path, actions, denyAndWarn));
  if (actions.length === 0) errors.push(required(path, 'at least one validation action is required'));
  return errors;
}

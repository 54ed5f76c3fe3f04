/** Validation rules, as far as that is possible without compiling them. */
import { type FieldError, type FieldPath, invalid, notSupported, required } from '../../../../meta/field-error';
import type { JsonSchemaProps, ValidationRule } from '../types';
import { resolveFieldPath } from './field-path';

const reasons = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];
const hasNewlines = (text: string): boolean => /[\n\r]/.test(text);

export const validateRules = (schema: JsonSchemaProps, path: FieldPath): FieldError[] =>
  (schema['x-kubernetes-validations'] ?? []).flatMap((rule, index) =>
    validateRule(rule, schema, path.child('x-kubernetes-validations').index(index)),
  );

function validateRule(rule: ValidationRule, schema: JsonSchemaProps, path: FieldPath): FieldError[] {
  const { messageExpression = '', fieldPath = '', reason } = rule;
  const errors = validateMessage(rule, path);
  if (messageExpression && !messageExpression.trim()) {
    errors.push(required(path.child('messageExpression'), 'messageExpression must be non-empty if specified'));
  }
  if (reason !== undefined && !reasons.includes(reason)) {
    errors.push(notSupported(path.child('reason'), reason, reasons));
  }
  const refuse = (detail: string) => errors.push(invalid(path.child('fieldPath'), fieldPath, detail));
  if (fieldPath && !fieldPath.trim()) refuse('must be non-empty if specified');
  if (hasNewlines(fieldPath)) refuse('must not contain line breaks');
  if (fieldPath && 'problem' in resolveFieldPath(fieldPath, schema)) refuse('must be a valid path');
  return errors;
}

function validateMessage({ rule = '', message = '' }: ValidationRule, path: FieldPath): FieldError[] {
  const at = path.child('message');
  if (!rule.trim()) return [required(path.child('rule'), 'rule is not specified')];
  if (message && !message.trim()) return [invalid(at, message, 'must be non-empty if specified')];
  if (hasNewlines(message.trim())) return [invalid(at, message, 'must not contain line breaks')];
  if (hasNewlines(rule.trim()) && !message.trim()) {
    return [required(at, 'message must be specified if rule contains line breaks')];
  }
  return [];
}

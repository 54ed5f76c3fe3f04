/** Checks of `metav1.Condition` lists. Upstream: `apis/meta/v1/validation.ValidateConditions`. */
import type { ConditionLike } from './conditions';
import { duplicate, type FieldError, type FieldPath, invalid, notSupported, required, tooLong } from './field-error';
import { isQualifiedName, regexError } from './names';

const reasonFormat = '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?';
const reasonMessage =
  "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'";
const reasonExamples = ['my_name', 'MY_NAME', 'MyName', 'ReasonA,ReasonB', 'ReasonA:ReasonB'];
const reasonPattern = new RegExp(`^${reasonFormat}$`);
const maxReasonBytes = 1024;
const maxMessageBytes = 32 * 1024;

type Condition = Partial<ConditionLike> & { observedGeneration?: number };

export function validateConditions(conditions: readonly Condition[] | undefined, path: FieldPath): FieldError[] {
  const seen = new Set<string>();
  return (conditions ?? []).flatMap((condition, index) => {
    const at = path.index(index);
    const { type = '' } = condition;
    const errors = seen.has(type) ? [duplicate(at.child('type'), type)] : [];
    seen.add(type);
    return [...errors, ...validateCondition(condition, at)];
  });
}

function validateCondition(condition: Condition, path: FieldPath): FieldError[] {
  const { type = '', status = '', reason = '', message = '', observedGeneration = 0 } = condition;
  const errors = isQualifiedName(type).map((detail) => invalid(path.child('type'), type, detail));
  const statuses = ['False', 'True', 'Unknown'];
  if (!statuses.includes(status)) errors.push(notSupported(path.child('status'), status, statuses));
  if (observedGeneration < 0) {
    const detail = 'must be greater than or equal to zero';
    errors.push(invalid(path.child('observedGeneration'), observedGeneration, detail));
  }
  if (!condition.lastTransitionTime) errors.push(required(path.child('lastTransitionTime'), 'must be set'));
  if (!reason) errors.push(required(path.child('reason'), 'must be set'));
  else if (!reasonPattern.test(reason)) {
    errors.push(invalid(path.child('reason'), reason, regexError(reasonMessage, reasonFormat, ...reasonExamples)));
  }
  if (Buffer.byteLength(reason) > maxReasonBytes) errors.push(tooLong(path.child('reason'), reason, maxReasonBytes));
  if (Buffer.byteLength(message) > maxMessageBytes) {
    errors.push(tooLong(path.child('message'), message, maxMessageBytes));
  }
  return errors;
}

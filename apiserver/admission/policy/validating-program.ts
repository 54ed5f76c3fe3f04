/** A ValidatingAdmissionPolicy compiled, and what it decides. Upstream: `policy/validating/validator.go`. */
import type { ValidatingAdmissionPolicy, Validation } from '../../../api/admissionregistration/v1/types';
import { type CelType, type CostBudget, types } from '../../cel';
import { conditionVariables, policyVariables } from '../dynamic/cel-environment';
import {
  BudgetError,
  compileExpression,
  evaluateExpression,
  type Expression,
  ExpressionError,
} from '../dynamic/expressions';
import { aggregate, compileConditions, type CompiledConditions, evaluateConditions } from '../dynamic/match-conditions';
import type { PolicyActivation } from './invocation';
import { type CompiledVariables, compileVariables } from './variables';

interface CompiledValidation {
  validation: Validation;
  expression: Expression;
  message?: Expression;
}

export interface ValidatingProgram {
  variables: CompiledVariables;
  conditions: CompiledConditions;
  validations: CompiledValidation[];
  auditAnnotations: { key: string; expression: Expression }[];
}

/** Messages are made without the authorizer, which could make them slow. */
function withoutAuthorizer(variables: Readonly<Record<string, CelType>>): Record<string, CelType> {
  const { authorizer: _authorizer, 'authorizer.requestResource': _requestResource, ...rest } = variables;
  return rest;
}

export function compileValidating({ spec = {} }: ValidatingAdmissionPolicy): ValidatingProgram {
  const hasParams = spec.paramKind !== undefined;
  const base = policyVariables(hasParams);
  const variables = compileVariables(spec.variables, { variables: base });
  const known = { ...base, variables: variables.type };
  const forMessages = withoutAuthorizer(known);
  return {
    variables,
    conditions: compileConditions(spec.matchConditions, {
      ...conditionVariables,
      ...(hasParams && { params: types.dyn }),
    }),
    validations: (spec.validations ?? []).map((validation) => ({
      validation,
      expression: compileExpression(validation.expression, { variables: known, resultType: types.bool }),
      ...(validation.messageExpression && {
        message: compileExpression(validation.messageExpression, { variables: forMessages, resultType: types.string }),
      }),
    })),
    auditAnnotations: (spec.auditAnnotations ?? []).map(({ key, valueExpression }) => ({
      key,
      expression: compileExpression(valueExpression, {
        variables: forMessages,
        resultType: [types.string, types.null],
      }),
    })),
  };
}

/** A validation that did not hold, or could not be evaluated. */
export interface Denial {
  message: string;
  reason?: string;
  /** Position of the expression. */
  index: number;
}

export interface ValidatingResult {
  denials: Denial[];
  annotations: { key: string; value: string }[];
  /** Annotations that could not be made: they deny, whatever the binding's actions. */
  annotationErrors: string[];
}

const nothing: ValidatingResult = { denials: [], annotations: [], annotationErrors: [] };

/** What cannot be evaluated denies unless `ignoreErrors`. */
export async function runValidating(
  program: ValidatingProgram,
  { values, authorizer }: PolicyActivation,
  budget: CostBudget,
  ignoreErrors: boolean,
): Promise<ValidatingResult> {
  const { matches, errors } = await evaluateConditions(program.conditions, values, authorizer);
  if (errors.length)
    return ignoreErrors ? nothing : { ...nothing, denials: [{ message: aggregate(errors), index: 0 }] };
  if (!matches) return nothing;
  try {
    const denials: Denial[] = [];
    for (const [index, compiled] of program.validations.entries()) {
      const denial = await validateOne(compiled, { values, authorizer }, budget);
      if (denial && !(denial.isError && ignoreErrors)) denials.push({ ...denial, index });
    }
    return { denials, ...(await annotationsOf(program, { values, authorizer }, budget, ignoreErrors)) };
  } catch (error) {
    if (!(error instanceof BudgetError)) throw error;
    return ignoreErrors ? nothing : { ...nothing, denials: [{ message: error.message, index: 0 }] };
  }
}

async function validateOne(
  { validation, expression, message }: CompiledValidation,
  { values, authorizer }: PolicyActivation,
  budget: CostBudget,
): Promise<{ message: string; reason?: string; isError: boolean } | undefined> {
  try {
    if ((await evaluateExpression(expression, values, budget, authorizer)) === true) return undefined;
  } catch (error) {
    if (error instanceof ExpressionError) return { message: error.message, isError: true };
    throw error;
  }
  const made = message && (await messageOf(message, { values, authorizer }, budget));
  return {
    message: made || validation.message?.trim() || `failed expression: ${validation.expression.trim()}`,
    reason: validation.reason || 'Invalid',
    isError: false,
  };
}

const maxMessageBytes = 5 * 1024;

/** Undefined when it cannot be made or is no good message: then the fixed one stands. */
async function messageOf(
  expression: Expression,
  { values, authorizer }: PolicyActivation,
  budget: CostBudget,
): Promise<string | undefined> {
  try {
    const text = await evaluateExpression(expression, values, budget, authorizer);
    if (typeof text !== 'string' || Buffer.byteLength(text) > maxMessageBytes || text.trim().includes('\n'))
      return undefined;
    return text.trim();
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}

const maxAnnotationLength = 10 * 1024;

async function annotationsOf(
  { auditAnnotations }: ValidatingProgram,
  { values, authorizer }: PolicyActivation,
  budget: CostBudget,
  ignoreErrors: boolean,
): Promise<Pick<ValidatingResult, 'annotations' | 'annotationErrors'>> {
  const annotations: ValidatingResult['annotations'] = [];
  const annotationErrors: string[] = [];
  for (const { key, expression } of auditAnnotations) {
    try {
      const value = await evaluateExpression(expression, values, budget, authorizer);
      const text = typeof value === 'string' ? value.trim() : '';
      if (text) annotations.push({ key, value: text.slice(0, maxAnnotationLength) });
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      if (!ignoreErrors) annotationErrors.push(error.message);
    }
  }
  return { annotations, annotationErrors };
}

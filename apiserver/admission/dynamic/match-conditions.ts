/** `matchConditions`: all must hold. A false one excludes the request, whatever fails beside it. */
import type { MatchCondition } from '../../../api/admissionregistration/v1/types';
import { type CelType, createCostBudget, matchConditionsCostBudget, types } from '../../cel';
import {
  BudgetError,
  compileExpression,
  evaluateExpression,
  type Expression,
  ExpressionError,
  type RequestAuthorizer,
} from './expressions';

export interface CompiledConditions {
  readonly conditions: readonly { name: string; expression: Expression }[];
}

export const compileConditions = (
  conditions: readonly MatchCondition[] | undefined,
  variables: Readonly<Record<string, CelType>>,
): CompiledConditions => ({
  conditions: (conditions ?? []).map(({ name, expression }) => ({
    name,
    expression: compileExpression(expression, { variables, resultType: types.bool }),
  })),
});

export interface ConditionsResult {
  matches: boolean;
  /** What could not be evaluated, when no condition was false. */
  errors: string[];
}

/** Has a budget of its own, as upstream. */
export async function evaluateConditions(
  { conditions }: CompiledConditions,
  activation: Readonly<Record<string, unknown>>,
  authorizer: RequestAuthorizer,
): Promise<ConditionsResult> {
  const budget = createCostBudget(matchConditionsCostBudget);
  const errors: string[] = [];
  for (const { expression } of conditions) {
    try {
      if ((await evaluateExpression(expression, activation, budget, authorizer)) === false) {
        return { matches: false, errors: [] };
      }
    } catch (error) {
      if (error instanceof BudgetError) return { matches: false, errors: [error.message] };
      if (!(error instanceof ExpressionError)) throw error;
      errors.push(error.message);
    }
  }
  return { matches: errors.length === 0, errors };
}

/** Several errors as upstream's aggregate prints them. */
export const aggregate = (errors: readonly string[]): string => {
  const distinct = [...new Set(errors)];
  return distinct.length === 1 ? distinct[0]! : `[${distinct.join(', ')}]`;
};

/**
 * Compiles and evaluates admission's expressions. A compile error is kept as the expression's result, so that it counts as
 * the failure policy says; authorization checks are decided between attempts, because evaluation itself is synchronous.
 */
import { setImmediate } from 'node:timers/promises';
import {
  CelCompileError,
  type CelProgram,
  CelRuntimeError,
  type CelType,
  type CelValue,
  compileCel,
  type CompileOptions,
  CostExceeded,
  type CostBudget,
} from '../../cel';
import {
  type AuthorizationCheck,
  type AuthorizationDecision,
  AuthorizerValue,
  ResourceCheck,
  Undecided,
} from '../../cel/library/authorizer';
import { type Authorizer, resourceAttributes } from '../../authorization/authorizer';
import type { UserInfo } from '../../request-context';
import type { AdmissionAttributes } from '../admission';

/** Why an expression has no value. The message is upstream's. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
}

/** Ends the whole evaluation, whatever the failure policy does with single expressions. */
export class BudgetError extends Error {
  override readonly name = 'BudgetError';
}

export interface Expression {
  readonly source: string;
  readonly program?: CelProgram;
  /** The text after `compilation error: `. */
  readonly problem?: string;
}

export function compileExpression(
  source: string,
  options: CompileOptions & { resultType?: CelType | readonly CelType[] },
): Expression {
  try {
    return { source, program: compileCel(source, options) };
  } catch (error) {
    if (!(error instanceof CelCompileError)) throw error;
    return { source, problem: error.issues.length ? `compilation failed: ${error.message}` : error.message };
  }
}

/** The decisions of one request: each is asked for once. */
export class RequestAuthorizer {
  private readonly known = new Map<string, AuthorizationDecision>();
  /** `authorizer` of expressions. */
  readonly value = new AuthorizerValue(this.known);

  constructor(
    private readonly authorizer: Authorizer,
    private readonly attributes: AdmissionAttributes,
  ) {}

  /** `authorizer.requestResource`. */
  requestResource(): ResourceCheck {
    const { definition, subresource, namespace, name } = this.attributes;
    return new ResourceCheck(this.known, {
      group: definition.group,
      resource: definition.names.plural,
      subresource,
      namespace,
      name,
    });
  }

  async decide({ check, key }: Undecided): Promise<void> {
    const { decision, reason, evaluationError } = await this.authorizer.authorize(
      this.userOf(check),
      attributesOf(check),
    );
    this.known.set(key, {
      allowed: decision === 'allow',
      reason,
      ...(evaluationError !== undefined && { error: evaluationError }),
    });
  }

  private userOf({ serviceAccount }: AuthorizationCheck): UserInfo {
    if (!serviceAccount) return this.attributes.context.user;
    const { namespace, name } = serviceAccount;
    return {
      name: `system:serviceaccount:${namespace}:${name}`,
      groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
    };
  }
}

const attributesOf = (check: AuthorizationCheck) =>
  resourceAttributes({
    verb: check.verb,
    resourceRequest: check.path === undefined,
    path: check.path ?? '',
    apiGroup: check.group ?? '',
    apiVersion: '*',
    resource: check.resource ?? '',
    subresource: check.subresource ?? '',
    namespace: check.namespace ?? '',
    name: check.name ?? '',
  });

const maxAttempts = 10;
const yieldAfterCost = 100_000;

/** Throws ExpressionError and BudgetError. */
export async function evaluateExpression(
  { source, program, problem }: Expression,
  activation: Readonly<Record<string, unknown>>,
  budget: CostBudget,
  authorizer: RequestAuthorizer,
): Promise<CelValue> {
  if (!program) throw new ExpressionError(`compilation error: ${problem}`);
  for (let attempt = 1; ; attempt++) {
    const { spent } = budget;
    try {
      const value = program.evaluate(activation, budget);
      // Others get their turn after what took long.
      if (budget.spent - spent > yieldAfterCost) await setImmediate();
      return value;
    } catch (error) {
      if (error instanceof Undecided && attempt < maxAttempts) await authorizer.decide(error);
      else throw explained(source, error);
    }
  }
}

function explained(source: string, error: unknown): unknown {
  if (error instanceof CostExceeded && error.scope === 'budget') {
    return new BudgetError(
      'validation failed due to running out of cost budget, no further validation rules will be run',
      { cause: error },
    );
  }
  if (error instanceof CelRuntimeError || error instanceof CostExceeded) {
    return new ExpressionError(`expression '${source}' resulted in error: ${error.message}`, { cause: error });
  }
  return error;
}

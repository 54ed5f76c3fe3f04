/**
 * The Common Expression Language of Kubernetes: validation rules of custom resources, admission policies, match conditions.
 * Expressions are checked when they are compiled, and every evaluation pays for what it does from a budget.
 */
import { check, type Checked } from './checker';
import { Meter, perExpressionLimit, type CostBudget } from './budget';
import { CelCompileError, CelRuntimeError, CostExceeded, Failure } from './errors';
import { compileProgram } from './evaluator';
import type { Eval, Frame } from './frame';
import type { FunctionTable } from './functions';
import { toCel, toJson } from './json-values';
import { kubernetesFunctions } from './library';
import { Undecided } from './library/authorizer';
import { parse } from './parser';
import type { Expr } from './ast';
import { type CelType, formatType, type ObjectType } from './types';
import type { CelValue } from './values';

export {
  createCostBudget,
  matchConditionsCostBudget,
  perExpressionLimit,
  runtimeCostBudget,
  type CostBudget,
} from './budget';
export { CelCompileError, CelRuntimeError, CostExceeded } from './errors';
export { matchesLinear, regexProblem } from './regex';
export { type CelType, formatType, type ObjectType, types } from './types';
export type { CelValue } from './values';
export { toJson } from './json-values';

export interface CompileOptions {
  /** What the expression may name, and of which type. */
  variables: Readonly<Record<string, CelType>>;
  /** The result must be of one of these types. */
  resultType?: CelType | readonly CelType[];
  /** Types that `Name{…}` builds. */
  structs?: (name: string) => ObjectType | undefined;
  functions?: FunctionTable;
}

export interface CelProgram {
  readonly source: string;
  readonly resultType: CelType;
  /** The checked tree, for estimates of cost. */
  readonly expr: Expr;
  readonly checked: Checked;
  /**
   * `activation` gives a variable's value: JSON (taken as the declared type says) or a CelValue; a function is called when the
   * variable is first used. Missing ones are null. Synchronous. Throws CelRuntimeError and CostExceeded, and Undecided where
   * an authorization check has to be decided first.
   */
  evaluate(activation: Readonly<Record<string, unknown>>, budget: CostBudget): CelValue;
  /** The same, with the result as JSON. */
  evaluateJson(activation: Readonly<Record<string, unknown>>, budget: CostBudget): unknown;
}

/** Throws CelCompileError, which has all that is wrong as upstream words it. */
export function compileCel(source: string, options: CompileOptions): CelProgram {
  const expr = parse(source);
  const variables = new Map(Object.entries(options.variables));
  const functions = options.functions ?? kubernetesFunctions;
  const checked = check(source, expr, { variables, functions, structs: options.structs });
  requireResult(source, checked.type, options.resultType);
  const names = [...variables.keys()];
  const globals = new Map(names.map((name, position) => [name, position]));
  const run = compileProgram(expr, checked, globals);
  const declared = [...variables];
  const evaluate: CelProgram['evaluate'] = (activation, budget) => {
    const meter = new Meter(Math.min(perExpressionLimit, budget.remaining));
    let interrupted = false;
    try {
      return evaluateOnce(run, { meter, locals: [], globals: lazyGlobals(declared, activation) });
    } catch (error) {
      interrupted = error instanceof Undecided;
      throw error;
    } finally {
      // An attempt that waits for a decision is made again, and paid for then.
      if (!interrupted) budget.spend(meter.spent);
    }
  };
  return {
    source,
    resultType: checked.type,
    expr,
    checked,
    evaluate,
    evaluateJson: (activation, budget) => toJson(evaluate(activation, budget)),
  };
}

function requireResult(source: string, found: CelType, wanted?: CelType | readonly CelType[]): void {
  if (!wanted) return;
  const all = (Array.isArray(wanted) ? wanted : [wanted]) as readonly CelType[];
  if (all.some((type) => type.kind === 'dyn' || formatType(type) === formatType(found))) return;
  const [only] = all;
  const printed = all.length === 1 ? formatType(only!) : `one of [${all.map(formatType).join(' ')}]`;
  throw new CelCompileError(source, [], `must evaluate to ${printed}`);
}

/** Each variable is adapted once for each evaluation, when it is first used. */
function lazyGlobals(declared: [string, CelType][], activation: Readonly<Record<string, unknown>>): (() => CelValue)[] {
  return declared.map(([name, type]) => {
    let value: CelValue | undefined;
    return () => {
      if (value === undefined) {
        const given = activation[name];
        value = toCel(typeof given === 'function' ? (given as () => unknown)() : given, type);
      }
      return value;
    };
  });
}

function evaluateOnce(run: Eval, frame: Frame): CelValue {
  try {
    return run(frame);
  } catch (error) {
    if (error instanceof Failure) throw new CelRuntimeError(error.message);
    if (error instanceof RangeError) throw new CostExceeded('expression');
    throw error;
  }
}

/** `variables` of policies: each may use those before it, and is evaluated at most once, when something asks for it. */
import type { Variable } from '../../../api/admissionregistration/v1/types';
import { CelRuntimeError, type CelType, type CelValue, type CostBudget, type ObjectType, types } from '../../cel';
import { Failure } from '../../cel/errors';
import type { FunctionTable } from '../../cel/functions';
import { LazyStruct } from '../../cel/json-values';
import { compileExpression, type Expression } from '../dynamic/expressions';

const typeName = 'kubernetes.variables';

export interface CompiledVariables {
  /** Of `variables` in the expressions after them. */
  readonly type: ObjectType;
  readonly expressions: readonly { name: string; expression: Expression }[];
}

export interface CompileEnvironment {
  variables: Readonly<Record<string, CelType>>;
  structs?: (name: string) => ObjectType | undefined;
  functions?: FunctionTable;
}

export function compileVariables(
  variables: readonly Variable[] | undefined,
  environment: CompileEnvironment,
): CompiledVariables {
  const fields: Record<string, CelType> = {};
  const expressions = (variables ?? []).map(({ name, expression: source }) => {
    const known = { ...environment.variables, variables: types.object(typeName, fields) };
    const expression = compileExpression(source, { ...environment, variables: known });
    fields[name] = expression.program?.resultType ?? types.dyn;
    return { name, expression };
  });
  return { type: types.object(typeName, fields), expressions };
}

/** `activation` is what the variables' own expressions see beside each other. */
export function bindVariables(
  { expressions }: CompiledVariables,
  activation: Readonly<Record<string, unknown>>,
  budget: CostBudget,
): LazyStruct {
  const results = new Map<string, CelValue | Failure>();
  const evaluate = (name: string, { program, problem }: Expression): CelValue | Failure => {
    if (!program) return new Failure(`composited variable "${name}" fails to compile: ${problem}`);
    try {
      return program.evaluate({ ...activation, variables: struct }, budget);
    } catch (error) {
      if (!(error instanceof CelRuntimeError)) throw error;
      return new Failure(`composited variable "${name}" fails to evaluate: ${error.message}`);
    }
  };
  const members = expressions.map(({ name, expression }): [string, () => CelValue] => [
    name,
    () => {
      let result = results.get(name);
      if (result === undefined) results.set(name, (result = evaluate(name, expression)));
      if (result instanceof Failure) throw result;
      return result;
    },
  ]);
  const struct = new LazyStruct(typeName, new Map(members));
  return struct;
}

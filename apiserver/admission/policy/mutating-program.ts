/** A MutatingAdmissionPolicy compiled, and what its mutations make of an object. Upstream: `policy/mutating/{compilation,patch}`. */
import type { MutatingAdmissionPolicy, Mutation } from '../../../api/admissionregistration/v1/types';
import { cloneJson } from '../../../api/meta/json';
import type { KubeObject } from '../../../api/meta/types';
import { type CostBudget, toJson, types } from '../../cel';
import {
  applyConfigurationType,
  jsonPatchType,
  misplacedType,
  mutationFunctions,
  mutationStructs,
} from '../../cel/mutation';
import { merge } from '../../patch/apply/merge';
import { deducedType, type TypeSchema } from '../../patch/apply/type-schema';
import { applyJsonPatch } from '../../patch/json-patch';
import { conditionVariables, policyVariables } from '../dynamic/cel-environment';
import { compileExpression, evaluateExpression, type Expression } from '../dynamic/expressions';
import { compileConditions, type CompiledConditions } from '../dynamic/match-conditions';
import { atomicPaths } from './atomic-paths';
import type { PolicyActivation } from './invocation';
import { type CompileEnvironment, type CompiledVariables, compileVariables } from './variables';

export interface MutatingProgram {
  variables: CompiledVariables;
  conditions: CompiledConditions;
  mutations: { patchType: string; expression: Expression }[];
}

export function compileMutating({ spec = {} }: MutatingAdmissionPolicy): MutatingProgram {
  const hasParams = spec.paramKind !== undefined;
  const environment: CompileEnvironment = {
    variables: policyVariables(hasParams),
    structs: mutationStructs,
    functions: mutationFunctions,
  };
  const variables = compileVariables(spec.variables, environment);
  const known = { ...environment.variables, variables: variables.type };
  const compile = ({ patchType, applyConfiguration, jsonPatch }: Mutation) => {
    const source = (applyConfiguration ?? jsonPatch)?.expression ?? '';
    const resultType = applyConfiguration ? applyConfigurationType : [jsonPatchType, types.list(types.dyn)];
    return {
      patchType: patchType ?? '',
      expression: compileExpression(source, { ...environment, variables: known, resultType }),
    };
  };
  return {
    variables,
    conditions: compileConditions(spec.matchConditions, {
      ...conditionVariables,
      ...(hasParams && { params: types.dyn }),
    }),
    mutations: (spec.mutations ?? []).map(compile),
  };
}

/** The mutation cannot be applied; the message stands after `denied request: `. */
export class MutationError extends Error {
  override readonly name = 'MutationError';
}

/** A changed copy of `object`. Throws MutationError, and what evaluation throws. */
export async function mutate(
  { patchType, expression }: MutatingProgram['mutations'][number],
  object: KubeObject,
  type: TypeSchema | undefined,
  { values, authorizer }: PolicyActivation,
  budget: CostBudget,
): Promise<KubeObject> {
  const result = await evaluateExpression(expression, values, budget, authorizer);
  try {
    if (patchType === 'JSONPatch') return applyJsonPatch(object, toJson(result));
    const problem = misplacedType(result, 'Object');
    if (problem) throw new Error(`type mismatch: ${problem}`);
    return mergeConfiguration(object, toJson(result) as KubeObject, type ?? deducedType);
  } catch (cause) {
    throw new MutationError(`error applying patch: ${(cause as Error).message}`, { cause });
  }
}

/** The merge of server-side apply, without owners. What would replace a whole atomic value is refused, as upstream does. */
function mergeConfiguration(object: KubeObject, configuration: KubeObject, type: TypeSchema): KubeObject {
  const { apiVersion, kind } = object;
  const config = { ...configuration, apiVersion, kind };
  const atomics = atomicPaths(type, config);
  if (atomics.length) {
    const paths = atomics.join(', ');
    throw new Error(`invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ${paths}`);
  }
  return cloneJson(merge(type, object, config) as KubeObject);
}

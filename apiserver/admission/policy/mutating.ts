/** MutatingAdmissionPolicy: expressions that change the object. Upstream: `policy/mutating/dispatcher.go`. */
import {
  mutatingAdmissionPolicies,
  mutatingAdmissionPolicyBindings,
} from '../../../api/admissionregistration/v1/mutatingadmissionpolicy';
import type {
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
} from '../../../api/admissionregistration/v1/types';
import { deepEqual } from '../../../api/meta/json';
import type { StatusError } from '../../../api/meta/status-error';
import { createCostBudget, runtimeCostBudget } from '../../cel';
import { versionsOf } from '../../patch/apply/kind-versions';
import type { AdmissionAttributes, AdmissionPlugin } from '../admission';
import { BudgetError, ExpressionError } from '../dynamic/expressions';
import { aggregate, evaluateConditions } from '../dynamic/match-conditions';
import { Reinvocation } from '../dynamic/reinvocation';
import { replaceObject } from '../dynamic/replace-object';
import { isExempt } from '../dynamic/rules';
import { createNamespaceFinder } from '../dynamic/selection';
import { ServedRequest } from '../dynamic/served-request';
import { refuse } from '../refusal';
import type { PolicyPluginDeps } from './deps';
import { createPolicySource } from './hooks';
import { activate, type Invocation, invocationsOf } from './invocation';
import { compileMutating, type MutatingProgram, mutate, MutationError } from './mutating-program';
import { createParamCollector } from './params';

type MutatingInvocation = Invocation<MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding, MutatingProgram>;

const name = 'MutatingAdmissionPolicy';

export function mutatingAdmissionPolicy(deps: PolicyPluginDeps): AdmissionPlugin {
  const { loopback, authorizer } = deps;
  const kinds = { policies: mutatingAdmissionPolicies, bindings: mutatingAdmissionPolicyBindings };
  const hooks = createPolicySource(loopback, kinds, compileMutating);
  const findNamespace = createNamespaceFinder(loopback);
  const params = createParamCollector(deps);

  /** True if the object was changed. Each mutation sees what those before it made. */
  const invoke = async (request: ServedRequest, invocation: MutatingInvocation): Promise<boolean> => {
    const { hook, matched } = invocation;
    const budget = createCostBudget(runtimeCostBudget);
    const types = versionsOf(request.attributes.definition);
    let changed = false;
    for (const mutation of hook.compiled.mutations) {
      const { object } = await request.objectsAs(matched);
      if (!object) return false;
      const activation = await activate(
        { authorizer, findNamespace },
        request,
        invocation,
        hook.compiled.variables,
        budget,
      );
      const { matches, errors } = await evaluateConditions(
        hook.compiled.conditions,
        activation.values,
        activation.authorizer,
      );
      if (errors.length) throw new MutationError(aggregate(errors));
      if (!matches) return changed;
      const mutated = await mutate(mutation, object, types.typeOf(matched.apiVersion), activation, budget);
      if (deepEqual(mutated, object)) continue;
      await replaceObject(request, matched, mutated);
      changed = true;
    }
    return changed;
  };

  return {
    name,
    operations: ['CREATE', 'UPDATE', 'CONNECT'],
    async admit(attributes) {
      const all = hooks();
      if (!all.length || isExempt(attributes.definition.group, attributes.definition.names.plural)) return;
      const request = new ServedRequest(attributes, deps.table);
      const round = Reinvocation.of(attributes, name);
      round.begin(attributes.object);
      for (const hook of all) {
        const { metadata, spec } = hook.policy;
        const fail = (message: string, binding?: string): void => {
          if (spec?.failurePolicy !== 'Ignore') throw refusalError(attributes, metadata.name, binding, message);
        };
        const invocations = await invocationsOf({ findNamespace, params }, hook, request, ({ binding, message }) =>
          fail(message, binding?.metadata?.name),
        );
        for (const [index, invocation] of invocations.entries()) {
          const binding = invocation.binding.metadata?.name ?? '';
          const id = `${metadata.name}/${binding}/${index}`;
          if (!round.isDue(id)) continue;
          let changed = false;
          try {
            changed = await invoke(request, invocation);
          } catch (error) {
            if (![MutationError, ExpressionError, BudgetError].some((type) => error instanceof type)) throw error;
            fail((error as Error).message, binding);
          }
          round.record(id, changed, spec?.reinvocationPolicy === 'IfNeeded');
        }
      }
      round.end(attributes.object);
    },
  };
}

function refusalError(
  attributes: AdmissionAttributes,
  policy: string,
  binding: string | undefined,
  why: string,
): StatusError {
  const named = binding === undefined ? `policy "${policy}"` : `policy '${policy}' with binding '${binding}'`;
  const message = `${named} denied request: ${why}`;
  const error = refuse(attributes, message);
  error.message = message;
  Object.assign(error.status, { message, details: { ...error.status.details, causes: [{ message }] } });
  return error;
}

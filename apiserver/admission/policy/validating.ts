/** ValidatingAdmissionPolicy: expressions that refuse, warn or are noted. Upstream: `policy/validating/dispatcher.go`. */
import {
  validatingAdmissionPolicies,
  validatingAdmissionPolicyBindings,
} from '../../../api/admissionregistration/v1/validatingadmissionpolicy';
import type {
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from '../../../api/admissionregistration/v1/types';
import { createCostBudget, runtimeCostBudget } from '../../cel';
import type { AdmissionAttributes, AdmissionPlugin } from '../admission';
import { isExempt } from '../dynamic/rules';
import { createNamespaceFinder } from '../dynamic/selection';
import { ServedRequest } from '../dynamic/served-request';
import { refuse } from '../refusal';
import type { PolicyPluginDeps } from './deps';
import { createPolicySource } from './hooks';
import { activate, type Invocation, invocationsOf } from './invocation';
import { createPolicyMetrics } from './metrics';
import { createParamCollector } from './params';
import { compileValidating, type Denial, runValidating, type ValidatingProgram } from './validating-program';

type ValidatingInvocation = Invocation<ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding, ValidatingProgram>;

/** The first of them refuses the request. */
interface Refusal {
  policy: string;
  binding?: string;
  message: string;
  reason?: string;
}

export function validatingAdmissionPolicy(deps: PolicyPluginDeps): AdmissionPlugin {
  const { loopback, authorizer } = deps;
  const kinds = { policies: validatingAdmissionPolicies, bindings: validatingAdmissionPolicyBindings };
  const hooks = createPolicySource(loopback, kinds, compileValidating);
  const findNamespace = createNamespaceFinder(loopback);
  const params = createParamCollector(deps);
  const metrics = createPolicyMetrics(deps.metrics);

  /** What a binding's actions make of a denial. */
  const act = (
    attributes: AdmissionAttributes,
    invocation: ValidatingInvocation,
    denial: Denial,
  ): Refusal | undefined => {
    const policy = invocation.hook.policy.metadata.name;
    const { metadata, spec } = invocation.binding;
    const binding = metadata?.name ?? '';
    let refusal: Refusal | undefined;
    for (const action of spec?.validationActions ?? []) {
      metrics.checked(policy, binding, action.toLowerCase());
      if (action === 'Deny') refusal = { policy, binding, ...denial };
      else if (action === 'Warn') {
        const named = `ValidatingAdmissionPolicy '${policy}' with binding '${binding}'`;
        attributes.context.warn(`Validation failed for ${named}: ${denial.message}`);
      } else if (action === 'Audit') {
        const failure = {
          message: denial.message,
          policy,
          binding,
          expressionIndex: denial.index,
          validationActions: spec?.validationActions,
        };
        attributes.context.annotateAudit?.(
          'validation.policy.admission.k8s.io/validation_failure',
          JSON.stringify([failure]),
        );
      }
    }
    return refusal;
  };

  const evaluate = async (request: ServedRequest, invocation: ValidatingInvocation, annotate: Annotate) => {
    const { hook, binding } = invocation;
    const policy = hook.policy.metadata.name;
    const budget = createCostBudget(runtimeCostBudget);
    const activation = await activate(
      { authorizer, findNamespace },
      request,
      invocation,
      hook.compiled.variables,
      budget,
    );
    const ignoreErrors = hook.policy.spec?.failurePolicy === 'Ignore';
    const result = await runValidating(hook.compiled, activation, budget, ignoreErrors);
    for (const { key, value } of result.annotations) annotate(`${policy}/${key}`, value);
    const refusals = result.denials.map((denial) => act(request.attributes, invocation, denial));
    for (const message of result.annotationErrors) {
      refusals.push({ policy, binding: binding.metadata?.name ?? '', message });
    }
    return refusals.filter((refusal) => refusal !== undefined);
  };

  return {
    name: 'ValidatingAdmissionPolicy',
    operations: ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'],
    async validate(attributes) {
      const all = hooks();
      if (!all.length || isExempt(attributes.definition.group, attributes.definition.names.plural)) return;
      const request = new ServedRequest(attributes, deps.table);
      const refusals: Refusal[] = [];
      for (const hook of all) {
        const collected = new Map<string, Set<string>>();
        const annotate: Annotate = (key, value) =>
          void collected.set(key, (collected.get(key) ?? new Set()).add(value));
        const invocations = await invocationsOf(
          { findNamespace, params },
          hook,
          request,
          ({ policy, binding, message }) => {
            if (policy.spec?.failurePolicy === 'Ignore') return;
            const named = {
              policy: policy.metadata?.name ?? '',
              ...(binding && { binding: binding.metadata?.name ?? '' }),
            };
            refusals.push({ ...named, message });
          },
        );
        for (const invocation of invocations) refusals.push(...(await evaluate(request, invocation, annotate)));
        for (const [key, values] of collected) attributes.context.annotateAudit?.(key, [...values].join(', '));
      }
      if (refusals.length) throw refusalError(attributes, refusals[0]!);
    },
  };
}

/** Several bindings may give one annotation several values. */
type Annotate = (key: string, value: string) => void;

const codes: Record<string, number> = { Forbidden: 403, Unauthorized: 401, RequestEntityTooLarge: 413, Invalid: 422 };

function refusalError(attributes: AdmissionAttributes, { policy, binding, message, reason = 'Invalid' }: Refusal) {
  const named = `ValidatingAdmissionPolicy '${policy}'${binding ? ` with binding '${binding}'` : ''}`;
  const text = `${named} denied request: ${message}`;
  const error = refuse(attributes, text);
  error.status.reason = reason as typeof error.reason;
  error.status.code = codes[reason] ?? 422;
  error.status.details = { ...error.status.details, causes: [{ message: text }] };
  return error;
}

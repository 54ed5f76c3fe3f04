/** One policy, one of its bindings, one parameter object: what its expressions are evaluated with. */
import type { Namespace } from '../../../api/core/v1/namespace';
import type { KubeObject } from '../../../api/meta/types';
import type { CostBudget } from '../../cel';
import type { Authorizer } from '../../authorization/authorizer';
import { admissionRequest } from '../dynamic/admission-request';
import { RequestAuthorizer } from '../dynamic/expressions';
import type { NamespaceFinder } from '../dynamic/selection';
import type { RequestVersion, ServedRequest } from '../dynamic/served-request';
import { isFor } from '../refusal';
import { matchResources } from './matching';
import { type Binding, type Policy, type PolicyHook } from './hooks';
import { ConfigurationError, type ParamCollector } from './params';
import { bindVariables, type CompiledVariables } from './variables';

export interface Invocation<P extends Policy, B extends Binding, C> {
  hook: PolicyHook<P, B, C>;
  binding: B;
  matched: RequestVersion;
  params: KubeObject | null;
}

/** A policy that cannot be used. Without a binding the policy itself is wrong. */
export interface Misconfigured<P extends Policy, B extends Binding> {
  policy: P;
  binding?: B;
  message: string;
}

export interface MatchDeps {
  findNamespace: NamespaceFinder;
  params: ParamCollector;
}

/** The invocations of one hook for a request; what is misconfigured is reported. */
export async function invocationsOf<P extends Policy, B extends Binding, C>(
  { findNamespace, params }: MatchDeps,
  hook: PolicyHook<P, B, C>,
  request: ServedRequest,
  report: (problem: Misconfigured<P, B>) => void,
): Promise<Invocation<P, B, C>[]> {
  const { policy, bindings } = hook;
  const matched = await matchResources(policy.spec?.matchConstraints, request, findNamespace);
  if (!matched) return [];
  const found: Invocation<P, B, C>[] = [];
  for (const binding of bindings) {
    try {
      if (!(await matchResources(binding.spec?.matchResources, request, findNamespace))) continue;
      const { namespace } = request.attributes;
      for (const param of await params.collect(policy.spec?.paramKind, binding.spec?.paramRef, namespace)) {
        found.push({ hook, binding, matched, params: param });
      }
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      report({ policy, binding, message: `failed to configure binding: ${error.message}` });
    }
  }
  return found;
}

export interface PolicyActivation {
  values: Readonly<Record<string, unknown>>;
  authorizer: RequestAuthorizer;
}

/** Values of all variables that an expression of a policy may name. */
export async function activate(
  deps: { authorizer: Authorizer; findNamespace: NamespaceFinder },
  request: ServedRequest,
  { matched, params }: Invocation<Policy, Binding, unknown>,
  variables: CompiledVariables,
  budget: CostBudget,
): Promise<PolicyActivation> {
  const { attributes } = request;
  const authorizer = new RequestAuthorizer(deps.authorizer, attributes);
  const { object, oldObject } = await request.objectsAs(matched);
  const ownNamespace = isFor(attributes, '', 'namespaces') ? undefined : await deps.findNamespace(attributes);
  const known = {
    object,
    oldObject,
    request: () => admissionRequest(request, matched),
    params,
    namespaceObject: ownNamespace ? withoutManagedFields(ownNamespace) : null,
    authorizer: authorizer.value,
    'authorizer.requestResource': () => authorizer.requestResource(),
  };
  return { values: { ...known, variables: bindVariables(variables, known, budget) }, authorizer };
}

const withoutManagedFields = ({ metadata, spec, status }: Namespace) => ({ metadata, spec, status });

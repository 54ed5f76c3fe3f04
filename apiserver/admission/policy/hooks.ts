/** The policies that are bound, with their bindings, compiled once until one of them changes. */
import type { MatchResources, ParamKind, ParamRef, Variable } from '../../../api/admissionregistration/v1/types';
import type { ResourceDefinition } from '../../../api/meta/resource-definition';
import type { KubeObject, Stored } from '../../../api/meta/types';
import type { Loopback } from '../../registry/loopback';

/** What policies of both kinds have. */
export interface Policy extends KubeObject {
  spec?: {
    paramKind?: ParamKind;
    matchConstraints?: MatchResources;
    matchConditions?: { name: string; expression: string }[];
    variables?: Variable[];
    failurePolicy?: string;
  };
}

export interface Binding extends KubeObject {
  spec?: { policyName?: string; paramRef?: ParamRef; matchResources?: MatchResources };
}

export interface PolicyHook<P extends Policy, B extends Binding, C> {
  policy: Stored<P>;
  bindings: Stored<B>[];
  compiled: C;
}

const byName = (a: Stored<KubeObject>, b: Stored<KubeObject>): number => (a.metadata.name < b.metadata.name ? -1 : 1);

/** Pure: policies without a binding do nothing, and are not compiled. */
export function hooksOf<P extends Policy, B extends Binding, C>(
  policies: readonly Stored<P>[],
  bindings: readonly Stored<B>[],
  compile: (policy: Stored<P>) => C,
): PolicyHook<P, B, C>[] {
  return policies.toSorted(byName).flatMap((policy) => {
    const own = bindings.filter(({ spec }) => spec?.policyName === policy.metadata.name).toSorted(byName);
    return own.length ? [{ policy, bindings: own, compiled: compile(policy) }] : [];
  });
}

/** Asked on every write: without policies it costs one comparison. */
export function createPolicySource<P extends Policy, B extends Binding, C>(
  loopback: Loopback,
  kinds: { policies: ResourceDefinition<P>; bindings: ResourceDefinition<B> },
  compile: (policy: Stored<P>) => C,
): () => readonly PolicyHook<P, B, C>[] {
  const policies = loopback.view(kinds.policies);
  const bindings = loopback.view(kinds.bindings);
  const compiled = new WeakMap<Stored<P>, C>();
  /** The status of a policy changes without its spec: what is compiled is kept for as long as the object is the same. */
  const compileOnce = (policy: Stored<P>): C => {
    let known = compiled.get(policy);
    if (!known) compiled.set(policy, (known = compile(policy)));
    return known;
  };
  let hooks: readonly PolicyHook<P, B, C>[] | undefined;
  const forget = (): void => void (hooks = undefined);
  for (const view of [policies, bindings]) view.addHandler({ add: forget, update: forget, delete: forget });
  return () => (hooks ??= hooksOf(policies.list(), bindings.list(), compileOnce));
}

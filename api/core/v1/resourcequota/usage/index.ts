/** How each kind counts against quotas. Upstream: `pkg/quota/v1/install/registry.go`. */
import { formatGroupResource, type GroupResource } from '../../../../meta/status-error';
import { claimEvaluator } from './claims';
import { objectCountEvaluator, type QuotaEvaluator } from './evaluator';
import { podEvaluator } from './pods';
import { serviceEvaluator } from './services';

export * from './amounts';
export * from './evaluator';
export { isChargedPod } from './pods';

/** Kinds whose objects have more to count than their number. */
const special: Partial<Record<string, QuotaEvaluator>> = {
  pods: podEvaluator,
  services: serviceEvaluator,
  persistentvolumeclaims: claimEvaluator,
};

/** Answers that are never stored, and events, which would fill any quota. */
const uncounted: ReadonlySet<string> = new Set(['bindings', 'componentstatuses', 'events', 'events.events.k8s.io']);
const uncountedGroups: ReadonlySet<string> = new Set(['authentication.k8s.io', 'authorization.k8s.io']);

/** Undefined for kinds that no quota can limit. */
export function quotaEvaluatorOf(resource: GroupResource): QuotaEvaluator | undefined {
  const name = formatGroupResource(resource);
  if (uncounted.has(name) || uncountedGroups.has(resource.group)) return undefined;
  return special[name] ?? objectCountEvaluator(resource);
}

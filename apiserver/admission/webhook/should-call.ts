/** Whether a hook is to be called for a request, and in which version. Upstream: `generic.Webhook.ShouldCallHook`. */
import { newForbidden } from '../../../api/meta/status-error';
import type { Authorizer } from '../../authorization/authorizer';
import { admissionRequest } from '../dynamic/admission-request';
import { RequestAuthorizer } from '../dynamic/expressions';
import { aggregate, evaluateConditions } from '../dynamic/match-conditions';
import { ruleMatches } from '../dynamic/rules';
import { type NamespaceFinder, selectorsMatch } from '../dynamic/selection';
import type { RequestVersion, ServedRequest } from '../dynamic/served-request';
import { nameOf } from '../refusal';
import type { Hook } from './hooks';
import type { WebhookKind, WebhookMetrics } from './metrics';

export interface HookMatcher {
  /** The version to call it with; undefined when it is not to be called. Throws Forbidden when a condition fails. */
  match(hook: Hook, request: ServedRequest): Promise<RequestVersion | undefined>;
}

/** Pure: the version under which a rule covers the request, the requested one first. */
export function matchedVersion({ webhook }: Hook, request: ServedRequest): RequestVersion | undefined {
  const rules = webhook.rules ?? [];
  const { requestedAs } = request;
  const covers = (served: RequestVersion) => {
    const subject = request.subjectAs(served);
    return rules.some((rule) => ruleMatches(rule, subject));
  };
  if (covers(requestedAs)) return requestedAs;
  if (webhook.matchPolicy !== 'Equivalent') return undefined;
  const others = request.versions().filter((served) => served !== requestedAs);
  for (const rule of rules) {
    const found = others.find((served) => ruleMatches(rule, request.subjectAs(served)));
    if (found) return found;
  }
  return undefined;
}

export function createHookMatcher(deps: {
  kind: WebhookKind;
  authorizer: Authorizer;
  findNamespace: NamespaceFinder;
  metrics: WebhookMetrics;
}): HookMatcher {
  return {
    async match(hook, request) {
      const { attributes } = request;
      const matched = matchedVersion(hook, request);
      if (!matched || !(await selectorsMatch(hook.webhook, attributes, deps.findNamespace))) return undefined;
      if (!hook.conditions.conditions.length) return matched;

      const authorizer = new RequestAuthorizer(deps.authorizer, attributes);
      const { object, oldObject } = await request.objectsAs(matched);
      const activation = {
        object,
        oldObject,
        request: () => admissionRequest(request, matched),
        authorizer: authorizer.value,
        'authorizer.requestResource': () => authorizer.requestResource(),
      };
      const { matches, errors } = await evaluateConditions(hook.conditions, activation, authorizer);
      if (matches) return matched;
      if (errors.length) deps.metrics.conditionFailed(hook.webhook.name, deps.kind, attributes.operation);
      if (errors.length && hook.webhook.failurePolicy !== 'Ignore') {
        const { group, names } = attributes.definition;
        throw newForbidden({ group, resource: names.plural }, nameOf(attributes), aggregate(errors));
      }
      deps.metrics.excluded(hook.webhook.name, deps.kind, attributes.operation);
      return undefined;
    },
  };
}

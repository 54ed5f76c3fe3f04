/** Whether a policy, and then its binding, speaks of a request. Upstream: `admission/plugin/policy/matching`. */
import type { MatchResources } from '../../../api/admissionregistration/v1/types';
import { ruleMatches } from '../dynamic/rules';
import { type NamespaceFinder, selectorsMatch } from '../dynamic/selection';
import type { RequestVersion, ServedRequest } from '../dynamic/served-request';

/** Pure: the version in which the rules cover the request; without rules, the requested one. */
export function matchedVersion(match: MatchResources | undefined, request: ServedRequest): RequestVersion | undefined {
  const { resourceRules = [], excludeResourceRules = [], matchPolicy } = match ?? {};
  const { requestedAs } = request;
  const candidates =
    matchPolicy === 'Exact'
      ? [requestedAs]
      : [requestedAs, ...request.versions().filter((served) => served !== requestedAs)];
  const covered = (rules: typeof resourceRules): RequestVersion | undefined =>
    candidates.find((served) => {
      const subject = request.subjectAs(served);
      return rules.some((rule) => ruleMatches(rule, subject));
    });
  if (excludeResourceRules.length && covered(excludeResourceRules)) return undefined;
  return resourceRules.length ? covered(resourceRules) : requestedAs;
}

export async function matchResources(
  match: MatchResources | undefined,
  request: ServedRequest,
  findNamespace: NamespaceFinder,
): Promise<RequestVersion | undefined> {
  const matched = matchedVersion(match, request);
  if (!matched || !match) return matched;
  return (await selectorsMatch(match, request.attributes, findNamespace)) ? matched : undefined;
}

/** Minimum, maximum and ratio of one resource. Pure. Upstream: `plugin/pkg/admission/limitranger`. */
import type { Resources } from '../../../api/core/v1/pod/resources';
import { Quantity } from '../../../api/meta/quantity';

/** What an object asks for. */
export interface Demand {
  requests: Resources;
  limits: Resources;
}

/** Why the demand is not allowed; undefined when it is. `type` is that of the limit, as messages print it. */
type Constraint = (type: string, resource: string, enforced: Quantity, demand: Demand) => string | undefined;

export const minimum: Constraint = (type, resource, enforced, { requests, limits }) => {
  const request = requests[resource];
  const limit = limits[resource];
  const rule = `minimum ${resource} usage per ${type} is ${enforced.toString()}`;
  if (!request) return `${rule}.  No request is specified`;
  if (request.cmp(enforced) < 0) return `${rule}, but request is ${request.toString()}`;
  if (limit && limit.cmp(enforced) < 0) return `${rule}, but limit is ${limit.toString()}`;
  return undefined;
};

export const maximum: Constraint = (type, resource, enforced, { requests, limits }) => {
  const request = requests[resource];
  const limit = limits[resource];
  const rule = `maximum ${resource} usage per ${type} is ${enforced.toString()}`;
  if (!limit) return `${rule}.  No limit is specified`;
  if (limit.cmp(enforced) > 0) return `${rule}, but limit is ${limit.toString()}`;
  if (request && request.cmp(enforced) > 0) return `${rule}, but request is ${request.toString()}`;
  return undefined;
};

/** Claims have no limits: their maximum is one of requests. */
export const maximumRequest: Constraint = (type, resource, enforced, { requests }) => {
  const request = requests[resource];
  const rule = `maximum ${resource} usage per ${type} is ${enforced.toString()}`;
  if (!request) return `${rule}.  No request is specified`;
  return request.cmp(enforced) > 0 ? `${rule}, but request is ${request.toString()}` : undefined;
};

export const maximumRatio: Constraint = (type, resource, enforced, { requests, limits }) => {
  const request = requests[resource];
  const limit = limits[resource];
  const rule = `${resource} max limit to request ratio per ${type} is ${enforced.toString()}`;
  if (!request || request.isZero()) return `${rule}, but no request is specified or request is 0`;
  if (!limit || limit.isZero()) return `${rule}, but no limit is specified or limit is 0`;
  const ratio = limit.milliValue() / request.milliValue();
  if (ratio <= enforced.milliValue() / 1000) return undefined;
  return `${rule}, but provided ratio is ${ratio.toFixed(6)}`;
};

/** Checks every resource of a list that limits something. */
export const violationsOf = (
  constraint: Constraint,
  type: string,
  enforced: Record<string, string> | undefined,
  demand: Demand,
): string[] =>
  Object.entries(enforced ?? {}).flatMap(
    ([resource, text]) => constraint(type, resource, Quantity.parse(text), demand) ?? [],
  );

/**
 * Bounds the requests served at a time, so that a flood of them is answered with 429 and not with a stall. Upstream: apiserver
 * `pkg/server/filters/maxinflight.go`.
 */
import { newTooManyRequests } from '../../api/meta/status-error';
import type { Metrics } from '../../component-base/metrics';
import type { RequestInfo, UserInfo } from '../request-context';

export interface InFlightOptions {
  /** Upstream's --max-requests-inflight (reads) and --max-mutating-requests-inflight. */
  maxReads: number;
  maxMutations: number;
}

export const defaultInFlight: InFlightOptions = { maxReads: 400, maxMutations: 200 };

const readVerbs: ReadonlySet<string> = new Set(['get', 'list', 'watch']);
const longRunningSubresources: ReadonlySet<string> = new Set(['attach', 'exec', 'proxy', 'log', 'portforward']);

/** Requests that last as long as the client likes: no timeout and no limit applies. */
export const isLongRunning = (info: RequestInfo): boolean =>
  info.isResourceRequest &&
  (info.verb === 'watch' || info.verb === 'proxy' || longRunningSubresources.has(info.subresource));

export interface InFlight {
  /** Gives the function that ends the request's turn. Throws TooManyRequests. Members of system:masters always pass. */
  enter(info: RequestInfo, user: UserInfo): () => void;
}

export function createInFlight(
  metrics: Metrics,
  { maxReads, maxMutations }: InFlightOptions = defaultInFlight,
): InFlight {
  let reads = 0;
  let mutations = 0;
  metrics.gauge({
    name: 'apiserver_current_inflight_requests',
    help: 'Maximal number of currently used inflight request limit of this apiserver per request kind in last second.',
    labels: ['request_kind'],
    collect(gauge) {
      gauge.set(reads, { request_kind: 'readOnly' });
      gauge.set(mutations, { request_kind: 'mutating' });
    },
  });
  const leaveRead = (): void => void reads--;
  const leaveMutation = (): void => void mutations--;
  return {
    enter(info, user) {
      const reading = info.isResourceRequest ? readVerbs.has(info.verb) : info.verb === 'get' || info.verb === 'head';
      const full = reading ? reads >= maxReads : mutations >= maxMutations;
      if (full && !user.groups.includes('system:masters')) {
        throw newTooManyRequests('Too many requests, please try again later.', 1);
      }
      if (reading) reads++;
      else mutations++;
      return reading ? leaveRead : leaveMutation;
    },
  };
}

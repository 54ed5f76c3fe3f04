/**
 * Bounds the requests served at a time, so that a flood of them is answered with 429 and not with a stall: what serves when priority
 * and fairness are switched off. Upstream: apiserver `pkg/server/filters/maxinflight.go`.
 */
import type { ServerResponse } from 'node:http';
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

export const isReading = (info: RequestInfo): boolean =>
  info.isResourceRequest ? readVerbs.has(info.verb) : info.verb === 'get' || info.verb === 'head';

/** Ends a request's turn; to be called once. */
export type Release = () => void;

/** What a limiter is told of a request. */
export interface LimitedRequest {
  readonly info: RequestInfo;
  readonly user: UserInfo;
  readonly query: URLSearchParams;
  readonly response: ServerResponse;
  /** Told the schema and level that the request belongs to. */
  classified(schemaUid: string, levelUid: string): void;
}

export interface Limiter {
  /** Gives the request its turn, at once or, as a promise, later. Throws or rejects with TooManyRequests. */
  enter(request: LimitedRequest): Release | Promise<Release>;
}

/** Members of system:masters always pass, and so does what is long-running. */
export function createInFlight({ maxReads, maxMutations }: InFlightOptions = defaultInFlight): Limiter {
  let reads = 0;
  let mutations = 0;
  const leaveRead = (): void => void reads--;
  const leaveMutation = (): void => void mutations--;
  const passed = (): void => {};
  return {
    enter({ info, user }) {
      if (isLongRunning(info)) return passed;
      const reading = isReading(info);
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

/** Counts what is in flight under upstream's name, whatever limits it. */
export function createInFlightGauge(metrics: Metrics): (info: RequestInfo, by: 1 | -1) => void {
  const current = { readOnly: 0, mutating: 0 };
  metrics.gauge({
    name: 'apiserver_current_inflight_requests',
    help: 'Maximal number of currently used inflight request limit of this apiserver per request kind in last second.',
    labels: ['request_kind'],
    collect(gauge) {
      for (const [kind, count] of Object.entries(current)) gauge.set(count, { request_kind: kind });
    },
  });
  return (info, by) => {
    if (isReading(info)) current.readOnly += by;
    else current.mutating += by;
  };
}

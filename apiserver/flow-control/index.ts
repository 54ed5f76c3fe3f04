/** What limits the requests of this server, as the flags say: priority and fairness, or plain numbers in flight. */
import type { Clock } from '../../component-base/clock';
import type { Metrics } from '../../component-base/metrics';
import type { RouteSet } from '../endpoints/non-resource';
import type { ApiServerFlags } from '../flags';
import type { RequestInfo } from '../request-context';
import { createDumpRoutes } from './dump';
import { createFlowMetrics } from './flow-metrics';
import { createInFlight, type Limiter } from './in-flight';
import { createPriorityAndFairness, type FairLimiter } from './priority-and-fairness';

export interface FlowControl {
  limiter: Limiter;
  /** Undefined without priority and fairness. */
  fair?: FairLimiter;
  routes: RouteSet[];
}

type FlowFlags = Pick<
  ApiServerFlags,
  'enablePriorityAndFairness' | 'maxRequestsInflight' | 'maxMutatingRequestsInflight' | 'requestTimeout'
>;

export function createFlowControl(
  flags: FlowFlags,
  deps: { clock: Clock; metrics: Metrics; countOf(info: RequestInfo): number },
): FlowControl {
  const { maxRequestsInflight: maxReads, maxMutatingRequestsInflight: maxMutations } = flags;
  if (!flags.enablePriorityAndFairness) return { limiter: createInFlight({ maxReads, maxMutations }), routes: [] };
  const fair: FairLimiter = createPriorityAndFairness({
    serverSeats: maxReads + maxMutations,
    maxWaitMs: flags.requestTimeout / 4,
    clock: deps.clock,
    metrics: createFlowMetrics(deps.metrics, () => fair.levels()),
    countOf: deps.countOf,
  });
  return { limiter: fair, fair, routes: [createDumpRoutes(() => fair.levels())] };
}

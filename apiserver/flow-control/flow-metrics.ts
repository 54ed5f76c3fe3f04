/** Upstream's apiserver_flowcontrol_* metrics. What every request does is counted plainly and told when somebody asks. */
import type { Metrics } from '../../component-base/metrics';
import type { PriorityLevel } from './priority-level';

export interface FlowMetrics {
  dispatched(schema: string, level: string): void;
  rejected(schema: string, level: string, reason: string): void;
  waited(schema: string, level: string, execute: boolean, ms: number): void;
}

const labels = ['flow_schema', 'priority_level'] as const;
const waitBuckets = [0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30];

export function createFlowMetrics(metrics: Metrics, levels: () => readonly PriorityLevel[]): FlowMetrics {
  const counts = new Map<string, Map<string, number>>();
  // Registered first: what it finds at a scrape is told by the counter behind it.
  gauge(
    'current_executing_seats',
    'Concurrency (number of seats) occupied by the currently executing (initial stage for a WATCH, any stage otherwise) requests in the API Priority and Fairness subsystem',
    (level) => {
      tellDispatched();
      return level.executingSeats;
    },
  );
  const dispatched = metrics.counter({
    name: 'apiserver_flowcontrol_dispatched_requests_total',
    help: 'Number of requests executed by API Priority and Fairness subsystem',
    labels,
  });
  gauge(
    'current_executing_requests',
    'Number of requests in initial (for a WATCH) or any (for a non-WATCH) execution stage in the API Priority and Fairness subsystem',
    (level) => level.executingRequests,
  );
  gauge(
    'current_inqueue_requests',
    'Number of requests currently pending in queues of the API Priority and Fairness subsystem',
    (level) => level.waitingRequests,
  );
  gauge(
    'nominal_limit_seats',
    'Nominal number of execution seats configured for each priority level',
    (level) => level.limits.nominalSeats,
  );
  gauge(
    'current_limit_seats',
    'current derived number of execution seats available to each priority level',
    (level) => level.limits.nominalSeats,
  );
  gauge(
    'lower_limit_seats',
    'Configured lower bound on number of execution seats available to each priority level',
    (level) => level.limits.nominalSeats - level.limits.lendableSeats,
  );
  gauge(
    'upper_limit_seats',
    'Configured upper bound on number of execution seats available to each priority level',
    (level) => level.limits.upperSeats,
  );
  const rejected = metrics.counter({
    name: 'apiserver_flowcontrol_rejected_requests_total',
    help: 'Number of requests rejected by API Priority and Fairness subsystem',
    labels: [...labels, 'reason'],
  });
  const waited = metrics.histogram({
    name: 'apiserver_flowcontrol_request_wait_duration_seconds',
    help: 'Length of time a request spent waiting in its queue',
    labels: [...labels, 'execute'],
    buckets: waitBuckets,
  });

  function gauge(name: string, help: string, valueOf: (level: PriorityLevel) => number): void {
    metrics.gauge({
      name: `apiserver_flowcontrol_${name}`,
      help,
      labels: ['priority_level'],
      collect(self) {
        for (const level of levels()) self.set(valueOf(level), { priority_level: level.name });
      },
    });
  }

  function tellDispatched(): void {
    for (const [level, schemas] of counts) {
      for (const [schema, count] of schemas) dispatched.inc({ flow_schema: schema, priority_level: level }, count);
    }
    counts.clear();
  }

  return {
    dispatched(schema, level) {
      let schemas = counts.get(level);
      if (!schemas) counts.set(level, (schemas = new Map()));
      schemas.set(schema, (schemas.get(schema) ?? 0) + 1);
    },
    rejected: (schema, level, reason) => rejected.inc({ flow_schema: schema, priority_level: level, reason }),
    waited: (schema, level, execute, ms) =>
      waited.observe(ms / 1000, { flow_schema: schema, priority_level: level, execute: String(execute) }),
  };
}

/** The scheduler's metrics, under upstream's names. */
import { exponentialBuckets, type Metrics } from '../component-base/metrics';
import type { SchedulingQueue } from './queue';

export interface SchedulerMetrics {
  attempt(result: 'scheduled' | 'unschedulable' | 'error', seconds: number): void;
}

export function schedulerMetrics(metrics: Metrics, queue: SchedulingQueue): SchedulerMetrics {
  metrics.gauge({
    name: 'scheduler_pending_pods',
    help: 'Number of pending pods, by the queue type.',
    labels: ['queue'],
    collect(gauge) {
      for (const [name, size] of Object.entries(queue.sizes)) gauge.set(size, { queue: name });
    },
  });
  const attempts = metrics.counter({
    name: 'scheduler_schedule_attempts_total',
    help: 'Number of attempts to schedule pods, by the result.',
    labels: ['result', 'profile'],
  });
  const duration = metrics.histogram({
    name: 'scheduler_scheduling_attempt_duration_seconds',
    help: 'Scheduling attempt latency in seconds (scheduling algorithm + binding)',
    labels: ['result', 'profile'],
    buckets: exponentialBuckets(0.001, 2, 15),
  });
  return {
    attempt(result, seconds) {
      const labels = { result, profile: 'default-scheduler' };
      attempts.inc(labels);
      duration.observe(seconds, labels);
    },
  };
}

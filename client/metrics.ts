/** The metrics of clients and work queues, under client-go's names. */
import { type Counter, exponentialBuckets, type Gauge, type Histogram, type Metrics } from '../component-base/metrics';

export interface RestClientMetrics {
  requests: Counter;
  duration: Histogram;
}

export const restClientMetrics = (metrics: Metrics): RestClientMetrics => ({
  requests: metrics.counter({
    name: 'rest_client_requests_total',
    help: 'Number of HTTP requests, partitioned by status code, method, and host.',
    labels: ['code', 'method', 'host'],
  }),
  duration: metrics.histogram({
    name: 'rest_client_request_duration_seconds',
    help: 'Request latency in seconds. Broken down by verb, and host.',
    labels: ['verb', 'host'],
    buckets: [0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0],
  }),
});

export interface WorkQueueMetrics {
  adds: Counter;
  depth: Gauge;
  queueDuration: Histogram;
  workDuration: Histogram;
  retries: Counter;
}

const latencyBuckets = exponentialBuckets(1e-8, 10, 10);

export const workQueueMetrics = (metrics: Metrics): WorkQueueMetrics => ({
  adds: metrics.counter({
    name: 'workqueue_adds_total',
    help: 'Total number of adds handled by workqueue',
    labels: ['name'],
  }),
  depth: metrics.gauge({ name: 'workqueue_depth', help: 'Current depth of workqueue', labels: ['name'] }),
  queueDuration: metrics.histogram({
    name: 'workqueue_queue_duration_seconds',
    help: 'How long in seconds an item stays in workqueue before being requested.',
    labels: ['name'],
    buckets: latencyBuckets,
  }),
  workDuration: metrics.histogram({
    name: 'workqueue_work_duration_seconds',
    help: 'How long in seconds processing an item from workqueue takes.',
    labels: ['name'],
    buckets: latencyBuckets,
  }),
  retries: metrics.counter({
    name: 'workqueue_retries_total',
    help: 'Total number of retries handled by workqueue',
    labels: ['name'],
  }),
});

/** Counts and times requests under upstream's metric names. Upstream: apiserver `pkg/endpoints/metrics`. */
import { exponentialBuckets, type Metrics } from '../../component-base/metrics';
import { isLongRunning } from '../flow-control/in-flight';
import type { RequestInfo } from '../request-context';
import type { RequestTally } from './api-request';

export interface RequestMetrics {
  finished(info: RequestInfo, tally: RequestTally, dryRun: boolean, code: number, seconds: number): void;
  /** A long-running request began; the function tells that it ended. */
  longRunning(info: RequestInfo): () => void;
}

/** Verbs as metrics name them: GET, LIST, WATCH, POST, PUT, PATCH, DELETE, DELETECOLLECTION, CONNECT. */
function metricVerb(info: RequestInfo): string {
  if (!info.isResourceRequest) return info.verb.toUpperCase();
  if (['exec', 'attach', 'portforward', 'proxy'].includes(info.subresource)) return 'CONNECT';
  const renamed: Record<string, string> = { create: 'POST', update: 'PUT' };
  return renamed[info.verb] ?? info.verb.toUpperCase();
}

function scopeOf(info: RequestInfo): string {
  if (!info.isResourceRequest) return '';
  if (info.name || info.verb === 'create') return 'resource';
  return info.namespace ? 'namespace' : 'cluster';
}

const labels = ['verb', 'dry_run', 'group', 'version', 'resource', 'subresource', 'scope', 'component'] as const;

/** Only what is served has labels of its own: no client may grow the registry by asking for what is not. */
const labelsOf = (info: RequestInfo, dryRun: boolean, served: boolean): Record<string, string> => ({
  verb: metricVerb(info),
  dry_run: dryRun ? 'All' : '',
  group: served ? info.apiGroup : '',
  version: served ? info.apiVersion : '',
  resource: served ? info.resource : '',
  // A path without a resource is told by itself.
  subresource: !served ? '' : info.isResourceRequest ? info.subresource : info.path,
  scope: scopeOf(info),
  component: 'apiserver',
});

export function createRequestMetrics(metrics: Metrics, isServed: (info: RequestInfo) => boolean): RequestMetrics {
  const total = metrics.counter({
    name: 'apiserver_request_total',
    help: 'Counter of apiserver requests broken out for each verb, dry run value, group, version, resource, scope, component, and HTTP response code.',
    labels: [...labels, 'code'],
  });
  const duration = metrics.histogram({
    name: 'apiserver_request_duration_seconds',
    help: 'Response latency distribution in seconds for each verb, dry run value, group, version, resource, subresource, scope and component.',
    labels,
    buckets: [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60],
  });
  const withoutDryRun = labels.filter((label) => label !== 'dry_run');
  const sliDuration = metrics.histogram({
    name: 'apiserver_request_sli_duration_seconds',
    help: 'Response latency distribution (not counting webhook duration and priority & fairness queue wait times) in seconds for each verb, group, version, resource, subresource, scope and component.',
    labels: withoutDryRun,
    buckets: [0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60],
  });
  const sizes = metrics.histogram({
    name: 'apiserver_response_sizes',
    help: 'Response size distribution in bytes for each group, version, verb, resource, subresource, scope and component.',
    labels: withoutDryRun,
    buckets: exponentialBuckets(1000, 10, 7),
  });
  const terminations = metrics.counter({
    name: 'apiserver_request_terminations_total',
    help: 'Number of requests which apiserver terminated in self-defense.',
    labels: [...withoutDryRun, 'code'],
  });
  const running = metrics.gauge({
    name: 'apiserver_longrunning_requests',
    help: 'Gauge of all active long-running apiserver requests broken out by verb, group, version, resource, scope and component. Not all requests are tracked this way.',
    labels: withoutDryRun,
  });
  return {
    finished(info, tally, dryRun, code, seconds) {
      // A subresource or a path may be unknown too; refusals do not tell whether it is.
      const unknown = code === 404 || code === 401 || code === 403;
      const plain = info.isResourceRequest ? isServed(info) && !(unknown && info.subresource) : !unknown;
      const values = labelsOf(info, dryRun, plain);
      total.inc({ ...values, code: String(code) });
      const { dry_run: _dryRun, ...ofAllRuns } = values;
      if (tally.terminated) terminations.inc({ ...ofAllRuns, code: String(code) });
      if (info.verb === 'watch') return;
      duration.observe(seconds, values);
      if (isLongRunning(info)) return;
      const elsewhere = tally.queuedSeconds + tally.mutatingSeconds + tally.validatingSeconds;
      sliDuration.observe(Math.max(0, seconds - elsewhere), ofAllRuns);
      const isRead = info.verb === 'get' || info.verb === 'list';
      if (isRead && tally.sentBytes !== undefined) sizes.observe(tally.sentBytes, ofAllRuns);
    },
    longRunning(info) {
      const { dry_run: _dryRun, ...values } = labelsOf(info, false, isServed(info));
      running.add(1, values);
      return () => running.add(-1, values);
    },
  };
}

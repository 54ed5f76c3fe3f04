/** What webhooks take and do, under upstream's names (`admission/metrics`). */
import type { Metrics } from '../../../component-base/metrics';

export type WebhookKind = 'admit' | 'validating';

export interface WebhookMetrics {
  called(name: string, kind: WebhookKind, operation: string, seconds: number, rejected: boolean, code: number): void;
  rejected(
    name: string,
    kind: WebhookKind,
    operation: string,
    error: 'no_error' | 'calling_webhook_error' | 'apiserver_internal_error',
    code: number,
  ): void;
  failedOpen(name: string, kind: WebhookKind): void;
  conditionFailed(name: string, kind: WebhookKind, operation: string): void;
  excluded(name: string, kind: WebhookKind, operation: string): void;
}

const durationBuckets = [0.005, 0.025, 0.1, 0.5, 1, 2.5, 10, 25];

/** Codes beyond the known ones are one label, so that a webhook cannot make labels at will. */
const codeLabel = (code: number): string => String(code > 600 ? 600 : code);

export function createWebhookMetrics(metrics: Metrics): WebhookMetrics {
  const duration = metrics.histogram({
    name: 'apiserver_admission_webhook_admission_duration_seconds',
    help: 'Admission webhook latency histogram in seconds, identified by name and broken out for each operation and API resource and type (validate or admit).',
    labels: ['name', 'type', 'operation', 'rejected'],
    buckets: durationBuckets,
  });
  const requests = metrics.counter({
    name: 'apiserver_admission_webhook_request_total',
    help: 'Admission webhook request total, identified by name and broken out for each admission type (validating or mutating) and operation. Additional labels specify whether the request was rejected or not and an HTTP status code. Codes greater than 600 are truncated to 600, to keep the metrics cardinality bounded.',
    labels: ['name', 'type', 'operation', 'code', 'rejected'],
  });
  const rejections = metrics.counter({
    name: 'apiserver_admission_webhook_rejection_count',
    help: 'Admission webhook rejection count, identified by name and broken out for each admission type (validating or admit) and operation. Additional labels specify an error type (calling_webhook_error or apiserver_internal_error if an error occurred; no_error otherwise) and optionally a non-zero rejection code if the webhook rejects the request with an HTTP status code (honored by the apiserver when the code is greater or equal to 400). Codes greater than 600 are truncated to 600, to keep the metrics cardinality bounded.',
    labels: ['name', 'type', 'operation', 'error_type', 'rejection_code'],
  });
  const failOpen = metrics.counter({
    name: 'apiserver_admission_webhook_fail_open_count',
    help: 'Admission webhook fail open count, identified by name and broken out for each admission type (validating or admit).',
    labels: ['name', 'type'],
  });
  const exclusions = metrics.counter({
    name: 'apiserver_admission_match_condition_exclusions_total',
    help: 'Admission match condition evaluation exclusions count, identified by name of resource containing the match condition and broken out for each kind containing matchConditions (webhook or policy), operation and admission type (validate or admit).',
    labels: ['name', 'kind', 'type', 'operation'],
  });
  const conditionErrors = metrics.counter({
    name: 'apiserver_admission_match_condition_evaluation_errors_total',
    help: 'Admission match condition evaluation errors count, identified by name of resource containing the match condition and broken out for each kind containing matchConditions (webhook or policy), operation and admission type (validate or admit).',
    labels: ['name', 'kind', 'type', 'operation'],
  });
  return {
    called(name, kind, operation, seconds, rejected, code) {
      const labels = { name, type: kind, operation, rejected: String(rejected) };
      duration.observe(seconds, labels);
      requests.inc({ ...labels, code: codeLabel(code) });
    },
    rejected: (name, kind, operation, error, code) =>
      rejections.inc({ name, type: kind, operation, error_type: error, rejection_code: codeLabel(code) }),
    failedOpen: (name, kind) => failOpen.inc({ name, type: kind }),
    conditionFailed: (name, kind, operation) => conditionErrors.inc({ name, kind: 'webhook', type: kind, operation }),
    excluded: (name, kind, operation) => exclusions.inc({ name, kind: 'webhook', type: kind, operation }),
  };
}

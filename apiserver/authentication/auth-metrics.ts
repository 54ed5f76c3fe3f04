/** Counts who was let in, under upstream's names. Upstream: apiserver `pkg/endpoints/filters/metrics.go`. */
import type { Metrics } from '../../component-base/metrics';

export interface AuthMetrics {
  authenticated(result: 'success' | 'failure'): void;
  authorized(result: 'allowed' | 'denied' | 'no-opinion'): void;
}

export function createAuthMetrics(metrics: Metrics): AuthMetrics {
  const attempts = metrics.counter({
    name: 'authentication_attempts',
    help: 'Counter of authenticated attempts.',
    labels: ['result'],
  });
  const decisions = metrics.counter({
    name: 'authorization_attempts_total',
    help: "Counter of authorization attempts broken down by result. It can be either 'allowed', 'denied', 'no-opinion' or 'error'.",
    labels: ['result'],
  });
  return {
    authenticated: (result) => attempts.inc({ result }),
    authorized: (result) => decisions.inc({ result }),
  };
}

/** What validating policies decided, under upstream's name (`policy/validating/metrics`). */
import type { Metrics } from '../../../component-base/metrics';

export interface PolicyMetrics {
  checked(policy: string, binding: string, action: string): void;
}

export function createPolicyMetrics(metrics: Metrics): PolicyMetrics {
  const checks = metrics.counter({
    name: 'apiserver_validating_admission_policy_check_total',
    help: 'Validation admission policy check total, labeled by policy and further identified by binding and enforcement action taken.',
    labels: ['policy', 'policy_binding', 'enforcement_action'],
  });
  return {
    checked: (policy, binding, action) => checks.inc({ policy, policy_binding: binding, enforcement_action: action }),
  };
}

/** Counts verdicts under upstream's metric names. Upstream: pod-security-admission `metrics/metrics.go`. */
import type { Metrics } from '../../../component-base/metrics';
import type { AdmissionAttributes } from '../admission';
import type { LevelVersion, Mode } from './policy';

export interface PodSecurityMetrics {
  evaluated(attributes: AdmissionAttributes, mode: Mode, standard: LevelVersion, allowed: boolean): void;
  exempted(attributes: AdmissionAttributes): void;
}

const requestLabels = ['request_operation', 'resource', 'subresource'] as const;

/** Only pods have a name of their own in the metrics, whatever other kinds there are. */
const labelsOf = ({ operation, definition, subresource }: AdmissionAttributes) => ({
  request_operation: operation.toLowerCase(),
  resource: definition.names.plural === 'pods' ? 'pod' : 'controller',
  subresource,
});

export function createPodSecurityMetrics(metrics: Metrics | undefined): PodSecurityMetrics {
  const evaluations = metrics?.counter({
    name: 'pod_security_evaluations_total',
    help: 'Number of policy evaluations that occurred, not counting ignored or exempt requests.',
    labels: ['decision', 'policy_level', 'policy_version', 'mode', ...requestLabels],
  });
  const exemptions = metrics?.counter({
    name: 'pod_security_exemptions_total',
    help: 'Number of exempt requests, not counting ignored or out of scope requests.',
    labels: requestLabels,
  });
  return {
    evaluated: (attributes, mode, { level, version }, allowed) =>
      evaluations?.inc({
        decision: allowed ? 'allow' : 'deny',
        policy_level: level,
        policy_version: version === 'latest' ? version : `v1.${version}`,
        mode,
        ...labelsOf(attributes),
      }),
    exempted: (attributes) => exemptions?.inc(labelsOf(attributes)),
  };
}

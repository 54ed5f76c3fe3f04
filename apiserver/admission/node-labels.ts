/** Which labels a kubelet may give its own Node. Upstream: `k8s.io/kubelet/pkg/apis/well_known_labels.go`. */
const kubeletLabels: ReadonlySet<string> = new Set([
  'kubernetes.io/hostname',
  'kubernetes.io/os',
  'kubernetes.io/arch',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/arch',
  'beta.kubernetes.io/instance-type',
  'node.kubernetes.io/instance-type',
  'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
]);

const within = (prefix: string, domain: string): boolean => prefix === domain || prefix.endsWith(`.${domain}`);

/** Changed labels that only administrators may set, sorted. */
export function forbiddenNodeLabels(next: Record<string, string> = {}, old: Record<string, string> = {}): string[] {
  const changed = new Set([...Object.keys(next), ...Object.keys(old)].filter((key) => next[key] !== old[key]));
  return [...changed].filter(isForbidden).sort();
}

function isForbidden(label: string): boolean {
  const slash = label.indexOf('/');
  const prefix = slash < 0 ? '' : label.slice(0, slash);
  if (within(prefix, 'node-restriction.kubernetes.io')) return true;
  if (!within(prefix, 'kubernetes.io') && !within(prefix, 'k8s.io')) return false;
  return !(kubeletLabels.has(label) || within(prefix, 'kubelet.kubernetes.io') || within(prefix, 'node.kubernetes.io'));
}

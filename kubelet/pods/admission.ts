/** The node's own check before it starts a pod: upstream's pkg/kubelet/lifecycle predicate handler. Pure. */
import type { Node } from '../../api/core/v1/node';
import { findUntoleratedTaint, matchesNodeSelector } from '../../api/core/v1/node';
import { type Container, type Pod, podRequests } from '../../api/core/v1/pod';
import { isExtendedResource } from '../../api/core/v1/pod/validation/resources';
import { Quantity } from '../../api/meta/quantity';
import { isSidecar } from './restart-policy';
import type { Verdict } from './sync-pod';

export const rejected = (reason: string, message: string): Verdict => ({ phase: 'Failed', reason, message });

/** Undefined admits. `active` are the other pods that hold resources here. */
export function admitPod(pod: Pod, active: readonly Pod[], node: Node): Verdict | undefined {
  const unsupported = unsupportedIn(pod);
  if (unsupported) return unsupported;
  const allocatable = node.status?.allocatable ?? {};
  if (active.length + 1 > Number(allocatable['pods'] ?? 110)) {
    const pods = `requested: 1, used: ${active.length}, capacity: ${allocatable['pods']}`;
    return rejected('OutOfpods', `Node didn't have enough resource: pods, ${pods}`);
  }
  for (const [name, requested] of Object.entries(podRequests(pod))) {
    // The scheduler has counted what this node does not know of: upstream's removeMissingExtendedResources.
    if (requested.isZero() || (isExtendedResource(name) && allocatable[name] === undefined)) continue;
    const capacity = Quantity.tryParse(allocatable[name]) ?? Quantity.parse('0');
    const used = active.reduce((sum, other) => {
      const more = podRequests(other)[name];
      return more ? sum.add(more) : sum;
    }, Quantity.parse('0'));
    if (used.add(requested).cmp(capacity) <= 0) continue;
    const amount = (quantity: Quantity): number => (name === 'cpu' ? quantity.milliValue() : quantity.value());
    const facts = `requested: ${amount(requested)}, used: ${amount(used)}, capacity: ${amount(capacity)}`;
    return rejected(`OutOf${name}`, `Node didn't have enough resource: ${name}, ${facts}`);
  }
  if (!matchesNodeSelector(pod, node)) {
    const detail = "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector";
    return rejected('NodeAffinity', detail);
  }
  if (pod.spec?.nodeName && pod.spec.nodeName !== node.metadata?.name) {
    return rejected('NodeName', "Predicate NodeName failed: node(s) didn't match the requested node name");
  }
  const taken = active.flatMap(hostPortsOf);
  if (hostPortsOf(pod).some((port) => taken.some((other) => conflict(port, other)))) {
    const detail = "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports";
    return rejected('NodePorts', detail);
  }
  // Only NoExecute keeps a bound pod out; the scheduler has judged the rest.
  const taints = (node.spec?.taints ?? []).filter(({ effect }) => effect === 'NoExecute');
  if (findUntoleratedTaint(taints, pod.spec?.tolerations, () => true)) {
    const detail = 'Predicate TaintToleration failed: node(s) had taints that the pod did not tolerate';
    return rejected('TaintToleration', detail);
  }
  return undefined;
}

/** What no node of ours can do: the engine always adds the groups that the image has for the user. */
function unsupportedIn({ spec }: Pod): Verdict | undefined {
  if (spec?.os && spec.os.name !== 'linux') {
    return rejected('PodOSNotSupported', "Failed to admit pod as the OS field doesn't match node OS");
  }
  if (spec?.securityContext?.supplementalGroupsPolicy === 'Strict') {
    const detail = 'SupplementalGroupsPolicy=Strict is not supported in this node';
    return rejected('SupplementalGroupsPolicyNotSupported', detail);
  }
  return undefined;
}

interface HostPort {
  ip: string;
  protocol: string;
  port: number;
}

const anyAddress = '0.0.0.0';

/** Sidecars hold ports like the others; init containers are gone by then. */
const hostPortsOf = ({ spec }: Pod): HostPort[] =>
  [...(spec?.containers ?? []), ...((spec?.initContainers ?? []) as Container[]).filter(isSidecar)].flatMap(
    ({ ports }) =>
      (ports ?? []).flatMap(({ hostPort, hostIP, protocol }) =>
        hostPort ? [{ ip: hostIP || anyAddress, protocol: protocol ?? 'TCP', port: hostPort }] : [],
      ),
  );

const conflict = (one: HostPort, other: HostPort): boolean =>
  one.port === other.port &&
  one.protocol === other.protocol &&
  (one.ip === other.ip || one.ip === anyAddress || other.ip === anyAddress);

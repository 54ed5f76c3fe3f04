/** What a pod uses. Upstream: `pkg/quota/v1/evaluator/core/pods.go`. */
import { aggregateContainerResources, isPodLevelResource, type Resources } from '../../pod/resources';
import { effectivePodLimits, effectivePodRequests } from '../../pod/effective-resources';
import { qosClassOf } from '../../pod/qos';
import type { Container, Pod, PodAffinityTerm } from '../../pod';
import { isExtendedResource } from '../../pod/validation/resources';
import { one } from './amounts';
import { countNameOf, matchesValues, type QuotaEvaluator } from './evaluator';

const countName = countNameOf({ group: '', resource: 'pods' });
const computed = ['cpu', 'memory', 'ephemeral-storage'];

const names: ReadonlySet<string> = new Set([
  countName,
  'pods',
  ...computed.flatMap((name) => [name, `requests.${name}`, `limits.${name}`]),
]);

/** Every container must state these when a quota limits them: a mistake of old, which upstream keeps to these names. */
const mandatory = ['cpu', 'memory'].flatMap((name) => [name, `limits.${name}`, `requests.${name}`]).sort();

/** `requests.nvidia.com/gpu` */
const isExtendedRequest = (name: string): boolean =>
  name.startsWith('requests.') &&
  ((name.includes('/') && !name.includes('kubernetes.io/')) ||
    name.startsWith('requests.deviceclass.resource.kubernetes.io/'));

const isHugePages = (name: string): boolean => name.startsWith('hugepages-');

/** Finished pods, and those that should be gone, only count as objects. */
export function isChargedPod({ metadata, status }: Pod, nowMs: number): boolean {
  if (status?.phase === 'Failed' || status?.phase === 'Succeeded') return false;
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata ?? {};
  if (!deletionTimestamp || deletionGracePeriodSeconds === undefined) return true;
  return nowMs <= Date.parse(deletionTimestamp) + deletionGracePeriodSeconds * 1000;
}

function computeUsage(requests: Resources, limits: Resources): Resources {
  const usage: Resources = { pods: one };
  for (const name of computed) {
    const request = requests[name];
    const limit = limits[name];
    if (request) usage[name] = usage[`requests.${name}`] = request;
    if (limit) usage[`limits.${name}`] = limit;
  }
  for (const [name, request] of Object.entries(requests)) {
    if (isHugePages(name)) usage[name] = request;
    if (isHugePages(name) || isExtendedResource(name)) usage[`requests.${name}`] = request;
  }
  return usage;
}

const isTerminating = ({ spec }: Pod): boolean => (spec?.activeDeadlineSeconds ?? -1) >= 0;

function usesCrossNamespaceAffinity({ spec }: Pod): boolean {
  const { podAffinity, podAntiAffinity } = spec?.affinity ?? {};
  const terms: (PodAffinityTerm | undefined)[] = [podAffinity, podAntiAffinity].flatMap((affinity) => [
    ...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((weighted) => weighted.podAffinityTerm),
  ]);
  return terms.some((term) => term?.namespaces?.length || term?.namespaceSelector);
}

const holdsPodLevel = ({ spec }: Pod): boolean =>
  [spec?.resources?.requests, spec?.resources?.limits].some((list) => Object.keys(list ?? {}).some(isPodLevelResource));

/** `must specify cpu for: a,b; memory for: b` */
function missing(required: readonly string[], pod: Pod): string | undefined {
  if (holdsPodLevel(pod)) return undefined;
  const containers = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])];
  const stated = new Map(containers.map((container) => [container.name, new Set(Object.keys(usageOf(container)))]));
  const complaints = mandatory.flatMap((name) => {
    if (!required.includes(name)) return [];
    const without = [...stated].filter(([, has]) => !has.has(name)).map(([container]) => container);
    return without.length ? [`${name} for: ${without.sort().join(',')}`] : [];
  });
  return complaints.length ? `must specify ${complaints.join('; ')}` : undefined;
}

const usageOf = (container: Container): Resources => {
  const spec = { containers: [container] };
  return computeUsage(aggregateContainerResources(spec, 'requests'), aggregateContainerResources(spec, 'limits'));
};

export const podEvaluator: QuotaEvaluator = {
  handles({ operation, subresource, object, oldObject }) {
    if (subresource === 'resize') return operation === 'UPDATE';
    if (subresource) return false;
    return operation === 'CREATE' || isTerminating(object as Pod) !== isTerminating(oldObject as Pod);
  },
  matchingResources: (given) =>
    given.filter(
      (name) =>
        names.has(name) || isHugePages(name) || name.startsWith('requests.hugepages-') || isExtendedRequest(name),
    ),
  matchesScope(scope, pod: Pod) {
    switch (scope.scopeName) {
      case 'Terminating':
        return isTerminating(pod);
      case 'NotTerminating':
        return !isTerminating(pod);
      case 'BestEffort':
        return qosClassOf(pod) === 'BestEffort';
      case 'NotBestEffort':
        return qosClassOf(pod) !== 'BestEffort';
      case 'PriorityClass':
        return matchesValues(scope, pod.spec?.priorityClassName ? [pod.spec.priorityClassName] : []);
      case 'CrossNamespacePodAffinity':
        return usesCrossNamespaceAffinity(pod);
      default:
        return false;
    }
  },
  missing,
  usage(pod: Pod, nowMs) {
    const counted: Resources = { [countName]: one };
    return isChargedPod(pod, nowMs)
      ? { ...counted, ...computeUsage(effectivePodRequests(pod), effectivePodLimits(pod)) }
      : counted;
  },
};

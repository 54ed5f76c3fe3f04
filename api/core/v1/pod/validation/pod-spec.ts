/** Pod specs, of pods and of templates. Upstream: ValidatePodSpec in `pkg/apis/core/validation/validation.go`. */
import { invalidEach, oneOf, validIp } from '../../../../meta/field-checks';
import {
  duplicate,
  type FieldError,
  type FieldPath,
  forbidden,
  invalid,
  notSupported,
  required,
} from '../../../../meta/field-error';
import {
  inclusiveRangeError,
  isDns1123Label,
  isDns1123Subdomain,
  isQualifiedName,
  nameIsDnsSubdomain,
} from '../../../../meta/names';
import { validateAnnotations, validateLabels } from '../../../../meta/object-meta';
import type { ObjectMeta } from '../../../../meta/types';
import type { PodDnsConfig, PodSpec, PodTemplateSpec } from '../types';
import { validateContainers, validateInitContainers } from './containers';
import { validateEphemeralContainers } from './ephemeral';
import { validateContainerResources, validatePodResources } from './resources';
import { validateAffinity, validateSchedulingGates, validateTolerations, validateTopologySpread } from './scheduling';
import { validatePodSecurityContext } from './security';
import { validateVolumes } from './volumes';

const maxInt32 = 2 ** 31 - 1;

const named = (path: FieldPath, value: string | undefined, check: (value: string) => string[]): FieldError[] =>
  value ? invalidEach(path, value, check(value)) : [];
const subdomainName = (value: string): string[] => nameIsDnsSubdomain(value, false);

/** `podMeta` is given for real pods only, whose spec has rules that templates do not. */
export function validatePodSpec(spec: PodSpec, podMeta: ObjectMeta | undefined, path: FieldPath): FieldError[] {
  const volumes = validateVolumes(spec.volumes, podMeta, path.child('volumes'));
  const scope = {
    spec,
    volumes: volumes.valid,
    claimNames: (spec.resourceClaims ?? []).map(({ name }) => name).filter(Boolean),
  };
  const deadline = spec.activeDeadlineSeconds;
  return [
    ...(spec.terminationGracePeriodSeconds === undefined
      ? [required(path.child('terminationGracePeriodSeconds'))]
      : []),
    ...volumes.errors,
    ...validateResourceClaims(spec, path.child('resourceClaims')),
    ...validateContainers(scope, path.child('containers')),
    ...validateInitContainers(scope, path.child('initContainers')),
    ...validateEphemeralContainers(scope, path.child('ephemeralContainers')),
    ...validatePodResources(spec, path.child('resources')),
    ...validateHostNetworkPorts(spec, podMeta !== undefined, path.child('containers')),
    ...oneOf(path.child('restartPolicy'), spec.restartPolicy, ['Always', 'OnFailure', 'Never']),
    ...oneOf(path.child('dnsPolicy'), spec.dnsPolicy, ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']),
    ...validateLabels(spec.nodeSelector, path.child('nodeSelector')),
    ...validatePodSecurityContext(spec, path),
    ...validateAffinity(spec.affinity, path.child('affinity')),
    ...validateDnsConfig(spec.dnsConfig, spec.dnsPolicy, path.child('dnsConfig')),
    ...(spec.readinessGates ?? []).flatMap(({ conditionType = '' }, index) =>
      invalidEach(
        path.child('readinessGates').index(index).child('conditionType'),
        conditionType,
        isQualifiedName(conditionType),
      ),
    ),
    ...validateSchedulingGates(spec.schedulingGates, path.child('schedulingGates')),
    ...validateTopologySpread(spec.topologySpreadConstraints, path.child('topologySpreadConstraints')),
    ...named(path.child('serviceAccountName'), spec.serviceAccountName, subdomainName),
    ...named(path.child('nodeName'), spec.nodeName, subdomainName),
    ...(deadline !== undefined && (deadline < 1 || deadline > maxInt32)
      ? [invalid(path.child('activeDeadlineSeconds'), deadline, inclusiveRangeError(1, maxInt32))]
      : []),
    ...named(path.child('hostname'), spec.hostname, isDns1123Label),
    ...named(path.child('subdomain'), spec.subdomain, isDns1123Label),
    ...validateTolerations(spec.tolerations, path.child('tolerations')),
    ...(spec.hostAliases ?? []).flatMap(({ ip, hostnames }, index) => {
      const at = path.child('hostAliases').index(index);
      const names = (hostnames ?? []).flatMap((name, position) =>
        invalidEach(at.child('hostnames').index(position), name, isDns1123Subdomain(name)),
      );
      return [...validIp(at.child('ip'), ip), ...names];
    }),
    ...named(path.child('priorityClassName'), spec.priorityClassName, subdomainName),
    ...named(path.child('runtimeClassName'), spec.runtimeClassName, subdomainName),
    ...(spec.preemptionPolicy === undefined
      ? []
      : oneOf(path.child('preemptionPolicy'), spec.preemptionPolicy, ['PreemptLowerPriority', 'Never'])),
    ...(spec.overhead ? validateContainerResources({ limits: spec.overhead }, [], path.child('overhead')) : []),
    ...(spec.os ? validateOs(spec.os.name, path.child('os', 'name')) : []),
  ];
}

const validateOs = (name: string | undefined, path: FieldPath): FieldError[] => {
  if (!name) return [required(path)];
  return ['linux', 'windows'].includes(name) ? [] : [notSupported(path, name, ['linux', 'windows'])];
};

function validateResourceClaims(spec: PodSpec, path: FieldPath): FieldError[] {
  const seen = new Set<string>();
  return (spec.resourceClaims ?? []).flatMap((claim, index) => {
    const at = path.index(index);
    const errors: FieldError[] = [];
    if (!claim.name) errors.push(required(at.child('name')));
    else if (seen.has(claim.name)) errors.push(duplicate(at.child('name'), claim.name));
    else errors.push(...invalidEach(at.child('name'), claim.name, isDns1123Label(claim.name)));
    seen.add(claim.name);
    const { resourceClaimName: own, resourceClaimTemplateName: template } = claim;
    if (own !== undefined && template !== undefined) {
      errors.push(
        invalid(at, claim, 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified'),
      );
    } else if (own === undefined && template === undefined) {
      errors.push(invalid(at, claim, 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`'));
    }
    errors.push(...named(at.child('resourceClaimName'), own, subdomainName));
    return [...errors, ...named(at.child('resourceClaimTemplateName'), template, subdomainName)];
  });
}

/** In the host's network, a container's port is the host's port; templates may leave it out, pods have it by default. */
function validateHostNetworkPorts(spec: PodSpec, isPod: boolean, path: FieldPath): FieldError[] {
  if (!spec.hostNetwork) return [];
  return (spec.containers ?? []).flatMap((container, index) =>
    (container.ports ?? []).flatMap(({ hostPort = 0, containerPort }, position) => {
      if (hostPort === containerPort || (!isPod && hostPort === 0)) return [];
      const at = path.index(index).child('ports').index(position).child('hostPort');
      return [invalid(at, hostPort, 'must match `containerPort` when `hostNetwork` is true')];
    }),
  );
}

function validateDnsConfig(
  config: PodDnsConfig | undefined,
  policy: string | undefined,
  path: FieldPath,
): FieldError[] {
  const { nameservers = [], searches = [], options = [] } = config ?? {};
  if (policy === 'None') {
    if (!config) return [required(path, 'must provide `dnsConfig` when `dnsPolicy` is None')];
    if (nameservers.length === 0) {
      const detail = 'must provide at least one DNS nameserver when `dnsPolicy` is None';
      return [required(path.child('nameservers'), detail)];
    }
  }
  const errors: FieldError[] = [];
  const servers = path.child('nameservers');
  const searchPath = path.child('searches');
  if (nameservers.length > 3) errors.push(invalid(servers, nameservers, 'must not have more than 3 nameservers'));
  errors.push(...nameservers.flatMap((ip, index) => validIp(servers.index(index), ip)));
  if (searches.length > 32) errors.push(invalid(searchPath, searches, 'must not have more than 32 search paths'));
  if (searches.join(' ').length > 2048) {
    const detail = 'must not have more than 2048 characters (including spaces) in the search list';
    errors.push(invalid(searchPath, searches, detail));
  }
  for (const [index, search] of searches.entries()) {
    if (search === '.') continue;
    const domain = search.replace(/\.$/, '');
    errors.push(...invalidEach(searchPath.index(index), domain, isDns1123Subdomain(domain.replaceAll('_', '-'))));
  }
  for (const [index, { name }] of options.entries()) {
    if (!name) errors.push(required(path.child('options').index(index), 'must not be empty'));
  }
  return errors;
}

const deletionCost = 'controller.kubernetes.io/pod-deletion-cost';

/** Annotations that mean something for pods. */
export function validatePodAnnotations(annotations: Record<string, string> | undefined, path: FieldPath): FieldError[] {
  const cost = annotations?.[deletionCost];
  if (cost === undefined) return [];
  const fine = /^(0|[+-]?[1-9]\d*)$/.test(cost) && Math.abs(Number(cost)) <= maxInt32 && !cost.startsWith('+');
  return fine ? [] : [invalid(path.key(deletionCost), cost, 'must be a 32bit integer')];
}

/** The template of a workload. */
export function validatePodTemplateSpec(template: PodTemplateSpec | undefined, path: FieldPath): FieldError[] {
  const spec = template?.spec ?? { containers: [] };
  const metadata = path.child('metadata');
  return [
    ...validateLabels(template?.metadata?.labels, path.child('labels')),
    ...validateAnnotations(template?.metadata?.annotations, path.child('annotations')),
    ...validatePodAnnotations(template?.metadata?.annotations, metadata.child('annotations')),
    ...validatePodSpec(spec, undefined, path.child('spec')),
    ...(spec.ephemeralContainers?.length
      ? [forbidden(path.child('spec', 'ephemeralContainers'), 'ephemeral containers not allowed in pod template')]
      : []),
  ];
}

/** Regular and init containers, and what all containers share. */
import { invalidEach, oneOf, requiredAnd, supportedProtocols } from '../../../../meta/field-checks';
import {
  duplicate,
  type FieldError,
  type FieldPath,
  forbidden,
  invalid,
  notSupported,
  required,
  tooMany,
} from '../../../../meta/field-error';
import { isDns1123Label, isValidPortName, isValidPortNum } from '../../../../meta/names';
import type { Container, ContainerPort, EphemeralContainer, PodSpec, Volume } from '../types';
import { validateEnv, validateEnvFrom } from './env';
import { validateVolumeDevices, validateVolumeMounts } from './mounts';
import { validateLifecycle, validateProbes } from './probes';
import { validateContainerResources } from './resources';
import { validateSecurityContext } from './security';

/** What a container's validity depends on beside itself. */
export interface PodScope {
  spec: PodSpec;
  volumes: Map<string, Volume>;
  claimNames: readonly string[];
}

type AnyContainer = Container | EphemeralContainer;

function validatePorts(ports: ContainerPort[] | undefined, path: FieldPath): FieldError[] {
  const names = new Set<string>();
  return (ports ?? []).flatMap((port, index) => {
    const at = path.index(index);
    const errors: FieldError[] = [];
    if (port.name) {
      const messages = isValidPortName(port.name);
      if (messages.length) errors.push(...invalidEach(at.child('name'), port.name, messages));
      else if (names.has(port.name)) errors.push(duplicate(at.child('name'), port.name));
      names.add(port.name);
    }
    const containerPort = at.child('containerPort');
    if (!port.containerPort) errors.push(required(containerPort));
    else errors.push(...invalidEach(containerPort, port.containerPort, isValidPortNum(port.containerPort)));
    if (port.hostPort) {
      errors.push(...invalidEach(at.child('hostPort'), port.hostPort, isValidPortNum(port.hostPort)));
    }
    return [...errors, ...oneOf(at.child('protocol'), port.protocol, supportedProtocols)];
  });
}

function validateResizePolicy({ resizePolicy }: AnyContainer, { spec }: PodScope, path: FieldPath): FieldError[] {
  const seen = new Set<string>();
  return (resizePolicy ?? []).flatMap(({ resourceName, restartPolicy }, index) => {
    const errors: FieldError[] = seen.has(resourceName) ? [duplicate(path.index(index), resourceName)] : [];
    seen.add(resourceName);
    errors.push(...oneOf(path, resourceName, ['cpu', 'memory']));
    errors.push(...oneOf(path, restartPolicy, ['NotRequired', 'RestartContainer']));
    if (spec.restartPolicy === 'Never' && restartPolicy !== 'NotRequired') {
      errors.push(invalid(path, restartPolicy, "must be 'NotRequired' when `restartPolicy` is 'Never'"));
    }
    return errors;
  });
}

/** Upstream's validateContainerCommon: regular, init and ephemeral containers alike. */
export function validateContainerCommon(container: AnyContainer, scope: PodScope, path: FieldPath): FieldError[] {
  const policies = ['File', 'FallbackToLogsOnError'];
  return [
    ...requiredAnd(path.child('name'), container.name, isDns1123Label),
    ...requiredAnd(path.child('image'), container.image),
    ...oneOf(path.child('terminationMessagePolicy'), container.terminationMessagePolicy, policies),
    ...validatePorts(container.ports, path.child('ports')),
    ...validateEnv(container.env, path.child('env')),
    ...validateEnvFrom(container.envFrom, path.child('envFrom')),
    ...validateVolumeMounts(container, scope.volumes, path.child('volumeMounts')),
    ...validateVolumeDevices(container, scope.volumes, path.child('volumeDevices')),
    ...oneOf(path.child('imagePullPolicy'), container.imagePullPolicy, ['Always', 'IfNotPresent', 'Never']),
    ...validateContainerResources(container.resources, scope.claimNames, path.child('resources')),
    ...validateResizePolicy(container, scope, path.child('resizePolicy')),
    ...validateSecurityContext(container.securityContext, scope.spec.hostUsers ?? true, path.child('securityContext')),
  ];
}

/** Each host port once per protocol and host address. */
function validateHostPorts(containers: { container: Container; path: FieldPath }[]): FieldError[] {
  const taken = new Set<string>();
  return containers.flatMap(({ container, path }) =>
    (container.ports ?? []).flatMap((port, index) => {
      if (!port.hostPort) return [];
      const key = `${port.protocol}/${port.hostIP ?? ''}/${port.hostPort}`;
      if (taken.has(key)) return [duplicate(path.child('ports').index(index).child('hostPort'), key)];
      taken.add(key);
      return [];
    }),
  );
}

export function validateContainers(scope: PodScope, path: FieldPath): FieldError[] {
  const containers = scope.spec.containers ?? [];
  if (containers.length === 0) return [required(path)];
  const gracePeriod = scope.spec.terminationGracePeriodSeconds;
  const names = new Set<string>();
  const errors = containers.flatMap((container, index) => {
    const at = path.index(index);
    const own = validateContainerCommon(container, scope, at);
    if (names.has(container.name)) own.push(duplicate(at.child('name'), container.name));
    names.add(container.name);
    own.push(...validateLifecycle(container.lifecycle, gracePeriod, at.child('lifecycle')));
    own.push(...validateProbes(container, gracePeriod, at));
    return [...own, ...validateRestartRules(container, false, at)];
  });
  return [
    ...errors,
    ...validateHostPorts(containers.map((container, index) => ({ container, path: path.index(index) }))),
  ];
}

/** Containers may override the pod's restart policy, by itself or by rules on exit codes. */
function validateRestartRules(container: Container, init: boolean, path: FieldPath): FieldError[] {
  const { restartPolicy, restartPolicyRules: rules } = container;
  const at = path.child('restartPolicy');
  const policies = ['Always', 'Never', 'OnFailure'];
  const errors: FieldError[] = [];
  if (restartPolicy !== undefined && !policies.includes(restartPolicy))
    errors.push(notSupported(at, restartPolicy, policies));
  if (!rules?.length) return errors;
  const rulesPath = path.child('restartPolicyRules');
  if (restartPolicy === undefined) errors.push(required(at, 'must specify restartPolicy when restart rules are used'));
  if (init && restartPolicy === 'Always') {
    errors.push(forbidden(rulesPath, 'restartPolicyRules cannot be set for sidecar containers'));
  }
  if (rules.length > 20) errors.push(tooMany(rulesPath, rules.length, 20));
  for (const [index, { action, exitCodes }] of rules.entries()) {
    const rulePath = rulesPath.index(index);
    // RestartAllContainers is behind a gate that is closed here.
    if (action !== 'Restart') errors.push(notSupported(rulePath.child('action'), action, ['Restart']));
    const codesPath = rulePath.child('exitCodes');
    if (!exitCodes) {
      errors.push(required(codesPath, 'must be specified'));
      continue;
    }
    const { operator, values = [] } = exitCodes;
    if (!['In', 'NotIn'].includes(operator)) {
      errors.push(notSupported(codesPath.child('operator'), operator, ['In', 'NotIn']));
    }
    if (values.length > 255) errors.push(tooMany(codesPath.child('values'), values.length, 255));
  }
  return errors;
}

/** Init containers run to their end one by one, unless `restartPolicy: Always` makes them sidecars, which have probes. */
export function validateInitContainers(scope: PodScope, path: FieldPath): FieldError[] {
  const gracePeriod = scope.spec.terminationGracePeriodSeconds;
  const names = new Set((scope.spec.containers ?? []).map(({ name }) => name));
  return (scope.spec.initContainers ?? []).flatMap((container, index) => {
    const at = path.index(index);
    const errors = validateContainerCommon(container, scope, at);
    errors.push(...validateRestartRules(container, true, at));
    if (names.has(container.name)) errors.push(duplicate(at.child('name'), container.name));
    else if (container.name) names.add(container.name);
    errors.push(...validateHostPorts([{ container, path: path.index(0) }]));
    if (container.restartPolicy === 'Always') {
      errors.push(...validateLifecycle(container.lifecycle, gracePeriod, at.child('lifecycle')));
      return [...errors, ...validateProbes(container, gracePeriod, at)];
    }
    for (const field of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const) {
      if (!container[field]) continue;
      errors.push(forbidden(at.child(field), 'may not be set for init containers without restartPolicy=Always'));
    }
    return errors;
  });
}

/** Checked for pods, not for templates, where such images have been let through before. */
export function validateImageSpace(containers: AnyContainer[] | undefined, path: FieldPath): FieldError[] {
  return (containers ?? []).flatMap(({ image = '' }, index) =>
    image.trim() === image
      ? []
      : [invalid(path.index(index).child('image'), image, 'must not have leading or trailing whitespace')],
  );
}

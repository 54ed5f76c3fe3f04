/** Warnings about containers, their variables and ports. Upstream: `pkg/api/pod/warnings.go`. */
import type { FieldPath } from '../../../meta/field-error';
import { Quantity } from '../../../meta/quantity';
import type { Container, ContainerPort, EnvVar, PodSpec } from './types';

const seccompPod = 'seccomp.security.alpha.kubernetes.io/pod';
const seccompContainer = 'container.seccomp.security.alpha.kubernetes.io/';
const appArmorContainer = 'container.apparmor.security.beta.kubernetes.io/';
const useSeccomp = 'non-functional in v1.27+; use the "seccompProfile" field instead';
const useAppArmor = 'deprecated since v1.30; use the "appArmorProfile" field instead';

interface Place {
  path: FieldPath;
  annotationsPath: FieldPath;
  isTemplate: boolean;
}

/** In upstream's order of visits. */
const containersOf = (spec: PodSpec, path: FieldPath): [Container, FieldPath][] =>
  (['initContainers', 'containers', 'ephemeralContainers'] as const).flatMap((list) =>
    (spec[list] ?? []).map((container, index): [Container, FieldPath] => [container, path.child(list).index(index)]),
  );

/** A later value may build on an earlier one of its name; any other hides it. */
function envWarnings(env: EnvVar[], path: FieldPath): string[] {
  return env.flatMap(({ name, value = '', valueFrom }, index) => {
    if (env.findIndex((other) => other.name === name) === index) return [];
    const reference = `$(${name})`;
    if (!valueFrom && value !== reference && value.includes(reference)) return [];
    const what = `hides previous definition of ${JSON.stringify(name)}, which may be dropped when using apply`;
    return [`${path.child('env').index(index)}: ${what}`];
  });
}

/** Bytes come whole. `names` lead from `path` to the list; nearly all pods need no path at all. */
export function fractionWarnings(
  list: Record<string, string> | undefined,
  path: FieldPath,
  ...names: string[]
): string[] {
  if (!list) return [];
  return ['memory', 'ephemeral-storage'].flatMap((name) => {
    const text = list[name];
    // Whole numbers of bytes, which nearly all are, are told by their text.
    if (!text || /^\d+([KMGTP]i?)?$/.test(text)) return [];
    const quantity = Quantity.tryParse(text);
    if (!quantity || quantity.milliValue() % 1000 === 0) return [];
    return [
      `${path.child(...names).key(name)}: fractional byte value "${quantity.toString()}" is invalid, must be an integer`,
    ];
  });
}

export function containerWarnings(
  spec: PodSpec,
  annotations: Record<string, string>,
  { path, annotationsPath, isTemplate }: Place,
): string[] {
  const { seccompProfile, appArmorProfile } = spec.securityContext ?? {};
  const deprecated = (key: string, message: string): string[] =>
    annotations[key] === undefined ? [] : [`${annotationsPath.key(key)}: ${message}`];
  return [
    ...(seccompProfile ? [] : deprecated(seccompPod, useSeccomp)),
    ...containersOf(spec, path).flatMap(([container, where]) => {
      const { name, securityContext, resources, env } = container;
      const confined = appArmorProfile ?? securityContext?.appArmorProfile;
      return [
        ...(securityContext?.seccompProfile ? [] : deprecated(seccompContainer + name, useSeccomp)),
        ...(isTemplate && !confined ? deprecated(appArmorContainer + name, useAppArmor) : []),
        ...fractionWarnings(resources?.limits, where, 'resources', 'limits'),
        ...fractionWarnings(resources?.requests, where, 'resources', 'requests'),
        ...envWarnings(env ?? [], where),
      ];
    }),
  ];
}

/** How two definitions of one container port go together; nothing if they do. */
function overlap(port: ContainerPort, other: ContainerPort): string | undefined {
  const [host, otherHost] = [port.hostPort ?? 0, other.hostPort ?? 0];
  const [ip, otherIp] = [port.hostIP ?? '', other.hostIP ?? ''];
  if (ip === otherIp && host === otherHost) return 'duplicate port definition';
  if (host === 0 || otherHost === 0) return 'overlapping port definition';
  return host === otherHost && (ip === '') !== (otherIp === '') ? 'dangerously ambiguous port definition' : undefined;
}

export function portWarnings(spec: PodSpec, path: FieldPath): string[] {
  const seen = new Map<string, { port: ContainerPort; where: FieldPath }[]>();
  return containersOf(spec, path).flatMap(([{ ports = [] }, container]) =>
    ports.flatMap((port, index) => {
      const where = container.child('ports').index(index);
      const key = `${port.containerPort}/${port.protocol}`;
      const others = seen.get(key) ?? [];
      seen.set(key, [...others, { port, where }]);
      return others.flatMap((other) => {
        const what = overlap(port, other.port);
        return what ? [`${where}: ${what} with ${other.where}`] : [];
      });
    }),
  );
}

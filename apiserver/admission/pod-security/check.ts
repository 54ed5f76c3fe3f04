/** What a check of the Pod Security Standards is, and how its findings are worded. Upstream: pod-security-admission `policy/`. */
import type { Container, EphemeralContainer, PodSpec } from '../../../api/core/v1/pod';
import type { ObjectMeta } from '../../../api/meta/types';

/** A pod, or the template of pods. */
export interface PodSubject {
  metadata: ObjectMeta;
  spec: PodSpec;
}

/** `restricted volume types` and, if there is more to say, `volume "v" uses restricted volume type "hostPath"`. */
export interface Violation {
  reason: string;
  detail: string;
}

export type CheckPod = (pod: PodSubject) => Violation | undefined;

/** A check in each of its versions: one holds from its minor version until the next. */
export interface Check {
  id: string;
  level: 'baseline' | 'restricted';
  versions: readonly CheckVersion[];
}

export interface CheckVersion {
  since: number;
  check: CheckPod;
  /** Baseline checks that this one makes needless. */
  overrides?: readonly string[];
}

type AnyContainer = Container | EphemeralContainer;

/** In upstream's order: init containers, containers, ephemeral containers. */
export const containersOf = ({ spec }: PodSubject): AnyContainer[] => [
  ...(spec.initContainers ?? []),
  ...(spec.containers ?? []),
  ...(spec.ephemeralContainers ?? []),
];

/** The names of the containers that are `bad`. */
export const containersWhere = (pod: PodSubject, bad: (container: AnyContainer) => boolean): string[] =>
  containersOf(pod)
    .filter(bad)
    .map(({ name }) => name);

export const plural = (one: string, many: string, count: number): string => (count === 1 ? one : many);

export const quoted = (values: Iterable<string>): string =>
  [...values].map((value) => JSON.stringify(value)).join(', ');

export const sorted = (values: Iterable<string>): string[] => [...new Set(values)].sort();

/** `container "a"`, `containers "a", "b"`. */
export const namedContainers = (names: readonly string[]): string =>
  `${plural('container', 'containers', names.length)} ${quoted(names)}`;

/** `pod and container "a"`: who set what is not allowed. Empty when nobody did. */
export const setters = (pod: boolean, containers: readonly string[]): string =>
  [...(pod ? ['pod'] : []), ...(containers.length ? [namedContainers(containers)] : [])].join(' and ');

/** Windows has neither capabilities nor seccomp nor privilege escalation. */
export const exceptOnWindows =
  (check: CheckPod): CheckPod =>
  (pod) =>
    pod.spec.os?.name === 'windows' ? undefined : check(pod);

/** Root in a user namespace of its own is nobody on the node. */
export const exceptInUserNamespace =
  (check: CheckPod): CheckPod =>
  (pod) =>
    pod.spec.hostUsers === false ? undefined : check(pod);

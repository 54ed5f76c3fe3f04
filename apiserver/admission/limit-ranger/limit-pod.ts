/** What a LimitRange sets in a pod and asks of it. Pure, but for the pod it edits. Upstream: `PodMutateLimitFunc`, `PodValidateLimitFunc`. */
import type { LimitRange, LimitRangeItem } from '../../../api/core/v1/limitrange';
import type { Container, Pod } from '../../../api/core/v1/pod';
import {
  addResources,
  isPodLevelResource,
  maxResources,
  parseResources,
  podLimits,
  podRequests,
  type Resources,
} from '../../../api/core/v1/pod/resources';
import { isRestartableInitContainer } from '../../../api/core/v1/pod/conditions';
import { type Demand, maximum, maximumRatio, minimum, violationsOf } from './constraints';

const annotation = 'kubernetes.io/limit-ranger';

type List = Record<string, string>;

/** Fills in what containers do not state, and notes in an annotation what was filled in. */
export function setDefaults({ spec }: LimitRange, pod: Pod): void {
  const items = (spec?.limits ?? []).filter(({ type }) => type === 'Container');
  const requests: List = Object.assign({}, ...items.map((item) => item.defaultRequest));
  const limits: List = Object.assign({}, ...items.map((item) => item.default));
  const notes: string[] = [];
  const fill = (container: Container, what: string): void => {
    const note = (names: string[], kind: string): void => {
      if (names.length) notes.push(`${names.sort().join(', ')} ${kind} for ${what} ${container.name}`);
    };
    note(fillList(container, 'requests', requests), 'request');
    note(fillList(container, 'limits', limits), 'limit');
  };
  for (const container of pod.spec?.containers ?? []) fill(container, 'container');
  for (const container of pod.spec?.initContainers ?? []) fill(container, 'init container');
  if (!notes.length) return;
  const metadata = (pod.metadata ??= {});
  metadata.annotations = { ...metadata.annotations, [annotation]: `LimitRanger plugin set: ${notes.join('; ')}` };
}

/** Gives the names that were missing. */
function fillList(container: Container, kind: 'requests' | 'limits', defaults: List): string[] {
  const missing = Object.keys(defaults).filter((name) => container.resources?.[kind]?.[name] === undefined);
  if (missing.length) {
    const added = Object.fromEntries(missing.map((name) => [name, defaults[name]!]));
    container.resources = { ...container.resources, [kind]: { ...container.resources?.[kind], ...added } };
  }
  return missing;
}

/** Every way in which the pod breaks the LimitRange. */
export function podViolations({ spec }: LimitRange, pod: Pod): string[] {
  const containers = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])];
  return (spec?.limits ?? []).flatMap((item) => {
    if (item.type === 'Container') return containers.flatMap((container) => check(item, demandOf(container)));
    if (item.type === 'Pod') return check(item, podDemand(pod));
    return [];
  });
}

const check = (item: LimitRangeItem, demand: Demand): string[] => [
  ...violationsOf(minimum, item.type, item.min, demand),
  ...violationsOf(maximum, item.type, item.max, demand),
  ...violationsOf(maximumRatio, item.type, item.maxLimitRequestRatio, demand),
];

const demandOf = ({ resources }: Pick<Container, 'resources'>): Demand => ({
  requests: parseResources(resources?.requests),
  limits: parseResources(resources?.limits),
});

/** The larger of what runs together and of what starts; a resource that one container leaves out has no total. */
function podDemand(pod: Pod): Demand {
  const total = (kind: keyof Demand): Resources => {
    const of = (container: Container): Resources => demandOf(container)[kind];
    const initContainers = pod.spec?.initContainers ?? [];
    const sidecars = initContainers.filter(isRestartableInitContainer);
    let sum = sumOfStated([...(pod.spec?.containers ?? []), ...sidecars].map(of));
    for (const container of initContainers) {
      if (!isRestartableInitContainer(container)) sum = maxResources(sum, of(container));
    }
    const ofPod = kind === 'requests' ? podRequests(pod) : podLimits(pod);
    const stated = Object.keys(pod.spec?.resources?.[kind] ?? {}).filter(isPodLevelResource);
    return { ...sum, ...Object.fromEntries(stated.map((name) => [name, ofPod[name]!])) };
  };
  return { requests: total('requests'), limits: total('limits') };
}

function sumOfStated(lists: Resources[]): Resources {
  const sum = lists.reduce<Resources>(addResources, {});
  return Object.fromEntries(Object.entries(sum).filter(([name]) => lists.every((list) => list[name])));
}

/** Changing cpu and memory of a pod in place. Upstream: ValidatePodResize. */
import { type FieldError, FieldPath, forbidden, invalid } from '../../../../meta/field-error';
import { cloneJson, deepEqual } from '../../../../meta/json';
import { isRestartableInitContainer } from '../conditions';
import { qosClassOf } from '../qos';
import type { ResourceList } from '../resources';
import type { Container, Pod } from '../types';
import { validatePodMetadataAndSpec } from './pod';

const path = FieldPath.of('spec');
const resizable = ['cpu', 'memory'];

const removed = (now: ResourceList | undefined, old: ResourceList | undefined): boolean =>
  Object.keys(old ?? {}).some((name) => now?.[name] === undefined);

function validateContainer(now: Container, old: Container, at: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  if (removed(now.resources?.requests, old.resources?.requests)) {
    errors.push(forbidden(at.child('requests'), 'resource requests cannot be removed'));
  }
  if (removed(now.resources?.limits, old.resources?.limits)) {
    errors.push(forbidden(at.child('limits'), 'resource limits cannot be removed'));
  }
  return errors;
}

/** Containers are told apart by their place. */
function validateOrder(pod: Pod, old: Pod): FieldError[] {
  return (['containers', 'initContainers'] as const).flatMap((field) => {
    const [now, before] = [pod.spec?.[field] ?? [], old.spec?.[field] ?? []];
    const at = path.child(field);
    if (now.length !== before.length) return [forbidden(at, `${field} may not be added or removed on resize`)];
    return now.flatMap(({ name }, index) =>
      name === before[index]?.name
        ? []
        : [forbidden(at.index(index).child('name'), `${field} may not be renamed or reordered on resize`)],
    );
  });
}

/** The container with cpu and memory put back to what they were. */
function withoutResize(container: Container, old: Container): Container {
  const munged = cloneJson(container);
  for (const kind of ['limits', 'requests'] as const) {
    const list: ResourceList = { ...munged.resources?.[kind] };
    for (const name of resizable) {
      const before = old.resources?.[kind]?.[name];
      if (before === undefined) delete list[name];
      else list[name] = before;
    }
    munged.resources = { ...munged.resources, [kind]: list };
  }
  const like: Container = { ...old, resources: { ...old.resources } };
  for (const kind of ['limits', 'requests'] as const) {
    if (like.resources?.[kind] === undefined && Object.keys(munged.resources?.[kind] ?? {}).length === 0) {
      delete munged.resources?.[kind];
    }
  }
  return munged;
}

export function validatePodResize(pod: Pod, old: Pod): FieldError[] {
  const refuse = (detail: string) => [forbidden(FieldPath.of(), detail)];
  const hasPodLevel = ({ spec }: Pod) =>
    Object.keys({ ...spec?.resources?.requests, ...spec?.resources?.limits }).length > 0;
  if (hasPodLevel(old) || hasPodLevel(pod)) return refuse('pods with pod-level resources cannot be resized');
  if (old.metadata?.annotations?.['kubernetes.io/config.mirror'] !== undefined) {
    return refuse('static pods cannot be resized');
  }
  if (old.spec?.os?.name === 'windows') return refuse('windows pods cannot be resized');
  const errors = validatePodMetadataAndSpec(pod);
  if (errors.length) return errors;
  if (qosClassOf(pod) !== (old.status?.qosClass ?? qosClassOf(old))) {
    errors.push(invalid(path, pod.status?.qosClass ?? '', 'Pod QOS Class may not change as a result of resizing'));
  }
  const running = old.status?.containerStatuses?.find(({ state }) => state?.running);
  if (running && !running.resources) errors.push(forbidden(path, 'Pod running on node without support for resize'));
  const misplaced = validateOrder(pod, old);
  if (misplaced.length) return [...errors, ...misplaced];
  for (const field of ['initContainers', 'containers'] as const) {
    for (const [index, before] of (old.spec?.[field] ?? []).entries()) {
      const now = pod.spec?.[field]?.[index] ?? before;
      const init = field === 'initContainers';
      if (init && !isRestartableInitContainer(before)) {
        if (!deepEqual(now, before)) {
          errors.push(forbidden(path, 'resources for non-sidecar init containers are immutable'));
        }
        continue;
      }
      errors.push(...validateContainer(now, before, path.child(field).index(index).child('resources')));
      if (!deepEqual(withoutResize(now, before), before)) {
        const what = init ? 'resources for sidecar containers are mutable' : 'resources are mutable';
        errors.push(forbidden(path, `only cpu and memory ${what}`));
      }
    }
  }
  return errors;
}

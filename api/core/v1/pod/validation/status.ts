/** What a report of a pod's status may not say. Upstream: ValidatePodStatusUpdate. */
import { invalidEach, unchanged, validIp } from '../../../../meta/field-checks';
import { duplicate, type FieldError, FieldPath, forbidden, invalid } from '../../../../meta/field-error';
import { isQualifiedName, nameIsDnsSubdomain } from '../../../../meta/names';
import { restartsAfter } from '../restart-policy';
import type { Container, ContainerStatus, Pod } from '../types';

const systemConditions = new Set(['PodScheduled', 'Ready', 'Initialized']);
const statusPath = FieldPath.of('status');

/** Containers that are not restarted stay terminated. */
function validateTransitions(
  now: ContainerStatus[] | undefined,
  old: ContainerStatus[] | undefined,
  comesBack: (container: string, exitCode: number) => boolean,
  path: FieldPath,
): FieldError[] {
  return (old ?? []).flatMap((status, index) => {
    const { terminated } = status.state ?? {};
    if (!terminated || comesBack(status.name, terminated.exitCode)) return [];
    const current = now?.find(({ name }) => name === status.name);
    if (!current || current.state?.terminated) return [];
    return [forbidden(path.index(index).child('state'), 'may not be transitioned to non-terminated state')];
  });
}

function validateIps(entries: { ip?: string }[] | undefined, path: FieldPath): FieldError[] {
  const list = entries ?? [];
  const errors = list.flatMap(({ ip }, index) => validIp(path.index(index), ip));
  if (list.length < 2) return errors;
  const families = new Set(list.map(({ ip = '' }) => (ip.includes(':') ? 6 : 4)));
  if (families.size !== list.length) {
    errors.push(invalid(path, list, 'may specify no more than one IP for each IP family'));
  }
  const seen = new Set<string | undefined>();
  for (const [index, entry] of list.entries()) {
    if (seen.has(entry.ip)) errors.push(duplicate(path.index(index), entry));
    seen.add(entry.ip);
  }
  return errors;
}

export function validatePodStatusUpdate(pod: Pod, old: Pod): FieldError[] {
  const status = pod.status ?? {};
  const oldStatus = old.status ?? {};
  const spec = old.spec ?? { containers: [] };
  // Upstream blames the conditions' names on the metadata.
  const conditions = (status.conditions ?? []).flatMap(({ type = '' }, index) =>
    systemConditions.has(type)
      ? []
      : invalidEach(FieldPath.of('metadata', 'conditions').index(index).child('Type'), type, isQualifiedName(type)),
  );
  const nominated = status.nominatedNodeName;
  const restarts =
    (containers: Container[] = []) =>
    (name: string, exitCode: number) =>
      restartsAfter(old, containers.find((container) => container.name === name) ?? {}, exitCode);
  const errors: FieldError[] = [...conditions];
  if ((pod.spec?.nodeName ?? '') !== (spec.nodeName ?? '')) {
    errors.push(forbidden(statusPath.child('nodeName'), 'may not be changed directly'));
  }
  if (nominated && nominated !== oldStatus.nominatedNodeName) {
    const path = statusPath.child('nominatedNodeName');
    errors.push(...invalidEach(path, nominated, nameIsDnsSubdomain(nominated, false)));
  }
  errors.push(...unchanged(statusPath.child('qosClass'), status.qosClass, oldStatus.qosClass));
  const transitions = [
    ['containerStatuses', restarts(spec.containers)],
    ['initContainerStatuses', restarts(spec.initContainers)],
    ['ephemeralContainerStatuses', () => false],
  ] as const;
  for (const [field, comesBack] of transitions) {
    errors.push(...validateTransitions(status[field], oldStatus[field], comesBack, statusPath.child(field)));
  }
  errors.push(...validateIps(status.podIPs, statusPath.child('podIPs')));
  if (status.hostIPs?.length && (status.hostIP ?? '') !== status.hostIPs[0]?.ip) {
    const path = statusPath.child('hostIPs').index(0).child('ip');
    errors.push(invalid(path, status.hostIPs[0]?.ip ?? '', 'must be equal to `hostIP`'));
  }
  return [...errors, ...validateIps(status.hostIPs, statusPath.child('hostIPs'))];
}

/** Ephemeral containers: for debugging, added to a running pod, never changed. */
import { duplicate, type FieldError, type FieldPath, forbidden, notFound } from '../../../../meta/field-error';
import { type PodScope, validateContainerCommon } from './containers';

const allowedFields = new Set([
  ...['name', 'image', 'command', 'args', 'workingDir', 'envFrom', 'env', 'volumeMounts', 'volumeDevices'],
  ...['terminationMessagePath', 'terminationMessagePolicy', 'imagePullPolicy', 'securityContext', 'stdin', 'stdinOnce'],
  ...['tty', 'targetContainerName', 'resizePolicy'],
]);
const unsettable = 'cannot be set for an Ephemeral Container';

const isSet = (value: unknown): boolean =>
  value !== undefined && value !== null && (typeof value !== 'object' || Object.keys(value).length > 0);

export function validateEphemeralContainers(scope: PodScope, path: FieldPath): FieldError[] {
  const { containers = [], initContainers = [], ephemeralContainers = [] } = scope.spec;
  const others = new Set([...containers, ...initContainers].map(({ name }) => name));
  const names = new Set(others);
  return ephemeralContainers.flatMap((container, index) => {
    const at = path.index(index);
    const errors = validateContainerCommon(container, scope, at);
    if (names.has(container.name)) errors.push(duplicate(at.child('name'), container.name));
    names.add(container.name);
    const target = container.targetContainerName;
    if (target && !others.has(target)) errors.push(notFound(at.child('targetContainerName'), target));
    for (const [field, value] of Object.entries(container)) {
      if (!allowedFields.has(field) && isSet(value)) errors.push(forbidden(at.child(field), unsettable));
    }
    for (const [position, mount] of (container.volumeMounts ?? []).entries()) {
      const mountPath = at.child('volumeMounts').index(position);
      if (mount.subPath) errors.push(forbidden(mountPath.child('subPath'), unsettable));
      if (mount.subPathExpr) errors.push(forbidden(mountPath.child('subPathExpr'), unsettable));
    }
    return errors;
  });
}

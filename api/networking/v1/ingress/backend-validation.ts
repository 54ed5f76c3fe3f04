/** Checks of what is behind a path: a port of a Service, or an object of another kind. */
import { invalidEach } from '../../../meta/field-checks';
import { type FieldError, type FieldPath, invalid, required } from '../../../meta/field-error';
import { isDns1035Label, isValidPortName, isValidPortNum } from '../../../meta/names';
import { validateReference } from '../ingressclass-validation';
import type { IngressBackend } from './types';

type ServiceBackend = NonNullable<IngressBackend['service']>;

export function validateBackend({ resource, service }: IngressBackend, path: FieldPath): FieldError[] {
  if (resource && service) return [invalid(path, '', 'cannot set both resource and service backends')];
  if (resource) return validateReference(resource, path.child('resource'));
  if (service) return validateService(service, path);
  return [invalid(path, '', 'resource or service backend is required')];
}

function validateService({ name, port }: ServiceBackend, path: FieldPath): FieldError[] {
  const namePath = path.child('service', 'name');
  const portPath = path.child('service', 'port');
  const errors = name ? invalidEach(namePath, name, isDns1035Label(name)) : [required(namePath)];
  if (port?.name && port.number) return [...errors, invalid(path, '', 'cannot set both port name & port number')];
  if (port?.name) return [...errors, ...invalidEach(portPath.child('name'), port.name, isValidPortName(port.name))];
  if (port?.number) {
    return [...errors, ...invalidEach(portPath.child('number'), port.number, isValidPortNum(port.number))];
  }
  return [...errors, required(path, 'port name or number is required')];
}

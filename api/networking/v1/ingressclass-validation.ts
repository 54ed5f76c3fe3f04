/** Checks of an IngressClass, and of references that Ingresses share with it. Upstream: `pkg/apis/networking/validation`. */
import { at, domainPrefixedPath, invalidEach, oneOf, unchanged } from '../../meta/field-checks';
import { type FieldError, type FieldPath, forbidden, required, tooLong } from '../../meta/field-error';
import { isDns1123Label, isDns1123Subdomain, isValidPathSegmentName } from '../../meta/names';
import type { IngressClass, IngressClassParameters } from './ingressclass';

const maxControllerBytes = 250;

/** A reference to an object of any kind. */
export function validateReference(
  { apiGroup, kind, name }: { apiGroup?: string; kind?: string; name?: string },
  path: FieldPath,
): FieldError[] {
  const segment = (field: string, value: string | undefined): FieldError[] =>
    value ? invalidEach(path.child(field), value, isValidPathSegmentName(value)) : [required(path.child(field))];
  return [
    ...(apiGroup === undefined ? [] : invalidEach(path.child('apiGroup'), apiGroup, isDns1123Subdomain(apiGroup))),
    ...segment('kind', kind),
    ...segment('name', name),
  ];
}

export function validateIngressClass({ spec }: IngressClass): FieldError[] {
  const path = at('spec');
  const controllerPath = path.child('controller');
  const controller = spec?.controller ?? '';
  const errors = domainPrefixedPath(controllerPath, controller);
  if (Buffer.byteLength(controller) > maxControllerBytes) {
    errors.unshift(tooLong(controllerPath, controller, maxControllerBytes));
  }
  return spec?.parameters ? [...errors, ...validateParameters(spec.parameters, path.child('parameters'))] : errors;
}

function validateParameters(parameters: IngressClassParameters, path: FieldPath): FieldError[] {
  const { scope, namespace } = parameters;
  const namespacePath = path.child('namespace');
  const errors = [
    ...validateReference(parameters, path),
    ...oneOf(path.child('scope'), scope, ['Cluster', 'Namespace']),
  ];
  if (scope === 'Namespace') {
    if (namespace === undefined) errors.push(required(namespacePath, "`parameters.scope` is set to 'Namespace'"));
    else errors.push(...invalidEach(namespacePath, namespace, isDns1123Label(namespace)));
  } else if (scope === 'Cluster' && namespace !== undefined) {
    errors.push(forbidden(namespacePath, "`parameters.scope` is set to 'Cluster'"));
  }
  return errors;
}

export const validateIngressClassUpdate = (now: IngressClass, old: IngressClass): FieldError[] => [
  ...unchanged(at('spec', 'controller'), now.spec?.controller, old.spec?.controller),
  ...validateIngressClass(now),
];

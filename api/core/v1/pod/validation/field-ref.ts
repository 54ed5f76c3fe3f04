/** What the downward API can refer to, from environment variables and volumes. */
import { invalidEach } from '../../../../meta/field-checks';
import { type FieldError, type FieldPath, invalid, notSupported, required } from '../../../../meta/field-error';
import { isQualifiedName } from '../../../../meta/names';
import { Quantity } from '../../../../meta/quantity';

const containerResources = ['cpu', 'memory', 'ephemeral-storage'].flatMap((name) => [
  `limits.${name}`,
  `requests.${name}`,
]);
const knownPaths = new Set([
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'metadata.labels',
  'metadata.annotations',
  'spec.nodeName',
  'spec.restartPolicy',
  'spec.serviceAccountName',
  'spec.schedulerName',
  'status.phase',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
  'spec.host',
]);
const subscripted = /^([^[]*)\['(.*)'\]$/s;

export interface FieldRef {
  apiVersion?: string;
  fieldPath?: string;
}

export interface ResourceFieldRef {
  containerName?: string;
  resource?: string;
  divisor?: string;
}

/** `allowed` are the paths without subscript that may be used here. */
export function validateFieldRef(ref: FieldRef, allowed: readonly string[], path: FieldPath): FieldError[] {
  if (!ref.apiVersion) return [required(path.child('apiVersion'))];
  if (!ref.fieldPath) return [required(path.child('fieldPath'))];
  const text = ref.fieldPath;
  const [, base, subscript] = subscripted.exec(text) ?? [];
  const conversion = (message: string) => [
    invalid(path.child('fieldPath'), text, `error converting fieldPath: ${message}`),
  ];
  if (ref.apiVersion !== 'v1') return conversion(`unsupported pod version: ${ref.apiVersion}`);
  if (base !== undefined && subscript !== undefined) {
    if (base === 'metadata.annotations')
      return invalidEach(path, subscript.toLowerCase(), isQualifiedName(subscript.toLowerCase()));
    if (base === 'metadata.labels') return invalidEach(path, subscript, isQualifiedName(subscript));
    return conversion(`field label does not support subscript: ${text}`);
  }
  if (!knownPaths.has(text)) return conversion(`field label not supported: ${text}`);
  const converted = text === 'spec.host' ? 'spec.nodeName' : text;
  return allowed.includes(converted) ? [] : [notSupported(path.child('fieldPath'), converted, allowed)];
}

const sizes = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei'];

function validateDivisor({ resource = '', divisor }: ResourceFieldRef, path: FieldPath): FieldError[] {
  const quantity = divisor === undefined ? undefined : Quantity.tryParse(divisor);
  if (!quantity || quantity.isZero()) return [];
  const complaint = (supported: string[], of: string) => {
    const values = supported.length === 2 ? supported.join(' and ') : supported.join(', ');
    return supported.includes(quantity.toString())
      ? []
      : [
          invalid(
            path.child('divisor'),
            resource,
            `only divisor's values ${values} are supported with the ${of} resource`,
          ),
        ];
  };
  if (/^(limits|requests)\.cpu$/.test(resource)) return complaint(['1m', '1'], 'cpu');
  if (/^(limits|requests)\.memory$/.test(resource)) return complaint(sizes, 'memory');
  if (/^(limits|requests)\.ephemeral-storage$/.test(resource)) return complaint(sizes, 'local ephemeral storage');
  return /^(limits|requests)\.hugepages-/.test(resource) ? complaint(sizes, 'hugepages') : [];
}

/** In a volume the container must be named. */
export function validateResourceFieldRef(ref: ResourceFieldRef, inVolume: boolean, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  if (inVolume && !ref.containerName) errors.push(required(path.child('containerName')));
  else if (!ref.resource) errors.push(required(path.child('resource')));
  else if (!containerResources.includes(ref.resource) && !/^(limits|requests)\.hugepages-/.test(ref.resource)) {
    errors.push(notSupported(path.child('resource'), ref.resource, containerResources));
  }
  return [...errors, ...validateDivisor(ref, path)];
}

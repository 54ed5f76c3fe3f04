/** `request` of an AdmissionReview, and of expressions: who asks for what. */
import { namespaceOf, type RequestVersion, type ServedRequest } from './served-request';

const optionsKinds = {
  CREATE: 'CreateOptions',
  UPDATE: 'UpdateOptions',
  DELETE: 'DeleteOptions',
  CONNECT: '',
} as const;

/** Members that are empty are left out, as upstream's JSON does. `matched` is the version that a rule matched. */
export function admissionRequest(request: ServedRequest, matched: RequestVersion): Record<string, any> {
  const { attributes, requestedAs } = request;
  const { operation, subresource, name, object, context, options } = attributes;
  const { user, dryRun } = context;
  const subResource = subresource && { subResource: subresource, requestSubResource: subresource };
  const namespace = namespaceOf(attributes);
  const objectName = name || object?.metadata?.name;
  const optionsKind = optionsKinds[operation];
  return {
    kind: request.kindAs(matched),
    resource: request.resourceAs(matched),
    requestKind: request.kindAs(requestedAs),
    requestResource: request.resourceAs(requestedAs),
    ...(subResource || {}),
    ...(objectName && { name: objectName }),
    ...(namespace && { namespace }),
    operation,
    userInfo: {
      username: user.name,
      ...(user.uid && { uid: user.uid }),
      groups: user.groups,
      ...(user.extra && Object.keys(user.extra).length > 0 && { extra: user.extra }),
    },
    dryRun,
    options:
      operation === 'CONNECT'
        ? (options ?? null)
        : { kind: optionsKind, apiVersion: 'meta.k8s.io/v1', ...options, ...(dryRun && { dryRun: ['All'] }) },
  };
}

/** The variables of admission's expressions. Objects are untyped, as upstream evaluates them; requests have declared fields. */
import { type CelType, types } from '../../cel';

const groupVersionKind = types.object('kubernetes.GroupVersionKind', {
  group: types.string,
  version: types.string,
  kind: types.string,
});
const groupVersionResource = types.object('kubernetes.GroupVersionResource', {
  group: types.string,
  version: types.string,
  resource: types.string,
});
const userInfo = types.object('kubernetes.UserInfo', {
  username: types.string,
  uid: types.string,
  groups: types.list(types.string),
  extra: types.map(types.string, types.list(types.string)),
});
const request = types.object('kubernetes.AdmissionRequest', {
  kind: groupVersionKind,
  resource: groupVersionResource,
  subResource: types.string,
  requestKind: groupVersionKind,
  requestResource: groupVersionResource,
  requestSubResource: types.string,
  name: types.string,
  namespace: types.string,
  operation: types.string,
  userInfo,
  dryRun: types.bool,
  options: types.dyn,
});

const texts = types.map(types.string, types.string);
const namespaceObject = types.object('kubernetes.Namespace', {
  metadata: types.object('kubernetes.NamespaceMetadata', {
    name: types.string,
    generateName: types.string,
    namespace: types.string,
    labels: texts,
    annotations: texts,
    uid: types.string,
    resourceVersion: types.string,
    generation: types.int,
    creationTimestamp: types.timestamp,
    deletionTimestamp: types.timestamp,
    deletionGracePeriodSeconds: types.int,
    finalizers: types.list(types.string),
  }),
  spec: types.object('kubernetes.NamespaceSpec', { finalizers: types.list(types.string) }),
  status: types.object('kubernetes.NamespaceStatus', {
    phase: types.string,
    conditions: types.list(
      types.object('kubernetes.NamespaceCondition', {
        type: types.string,
        status: types.string,
        lastTransitionTime: types.timestamp,
        reason: types.string,
        message: types.string,
      }),
    ),
  }),
});

/** Of match conditions. */
export const conditionVariables: Record<string, CelType> = {
  object: types.dyn,
  oldObject: types.dyn,
  request,
  authorizer: types.opaque('kubernetes.authorization.Authorizer'),
  'authorizer.requestResource': types.opaque('kubernetes.authorization.ResourceCheck'),
};

/** Of policies; `variables` is added as they are declared. */
export const policyVariables = (hasParams: boolean): Record<string, CelType> => ({
  ...conditionVariables,
  namespaceObject,
  ...(hasParams && { params: types.dyn }),
});

/**
 * The Node authorizer: a kubelet reads only what its pods refer to and writes only about itself. Upstream:
 * `plugin/pkg/auth/authorizer/node/node_authorizer.go`.
 */
import type { Pod } from '../../api/core/v1/pod';
import type { View } from '../registry/view';
import type { UserInfo } from '../request-context';
import type { Authorizer, AuthorizerAttributes, AuthorizerDecision } from './authorizer';
import { nodeRules } from './bootstrap/component-roles';
import { nodeReference, nodeReferencesOf, type ReferencedKind } from './node-graph';
import { rulesAllow } from './rbac-rules';

/** The node a user is, '' for a node user without a name; undefined for others. */
export function nodeNameOf(user: UserInfo): string | undefined {
  if (!user.groups.includes('system:nodes') || !user.name.startsWith('system:node:')) return undefined;
  return user.name.slice('system:node:'.length);
}

const allow: AuthorizerDecision = { decision: 'allow', reason: '' };
const pass = (reason: string): AuthorizerDecision => ({ decision: 'no-opinion', reason });

/** Value of `field=value` in a field selector. */
export function fieldValue(selector: string | undefined, field: string): string | undefined {
  for (const part of selector?.split(',') ?? []) {
    const [key, value] = part.split(/==?/, 2);
    if (key === field) return value;
  }
  return undefined;
}

const reading = (verb: string): boolean => verb === 'get' || verb === 'list' || verb === 'watch';

const index = 'node-reference';

export function createNodeAuthorizer(pods: View<Pod>): Authorizer {
  pods.addIndex(index, nodeReferencesOf);
  const refersTo = (node: string, kind: ReferencedKind, namespace: string, name: string): boolean =>
    pods.byIndex(index, nodeReference(node, kind, namespace, name)).length > 0;

  const related = (node: string, kind: ReferencedKind, attributes: AuthorizerAttributes): AuthorizerDecision => {
    if (!attributes.name) return pass('No Object name found');
    if (refersTo(node, kind, attributes.namespace, attributes.name)) return allow;
    return pass(`no relationship found between node '${node}' and this object`);
  };

  const readRelated = (node: string, kind: ReferencedKind, attributes: AuthorizerAttributes): AuthorizerDecision => {
    if (!reading(attributes.verb)) return pass('can only read resources of this type');
    if (attributes.subresource) return pass('cannot read subresource');
    return related(node, kind, attributes);
  };

  const decideClaim = (node: string, attributes: AuthorizerAttributes): AuthorizerDecision => {
    if (attributes.verb === 'get' && (!attributes.subresource || attributes.subresource === 'status')) {
      return related(node, 'persistentvolumeclaim', attributes);
    }
    if ((attributes.verb === 'update' || attributes.verb === 'patch') && attributes.subresource === 'status') {
      return related(node, 'persistentvolumeclaim', attributes);
    }
    return pass('can only get individual resources of this type');
  };

  const decideToken = (node: string, attributes: AuthorizerAttributes): AuthorizerDecision => {
    if (attributes.verb !== 'create' || attributes.subresource !== 'token') {
      return pass('can only create tokens for individual service accounts');
    }
    return related(node, 'serviceaccount', attributes);
  };

  const decideLease = (node: string, attributes: AuthorizerAttributes): AuthorizerDecision => {
    const { verb, namespace, name } = attributes;
    if (!['get', 'create', 'update', 'patch', 'delete'].includes(verb)) {
      return pass('can only get, create, update, patch, or delete a node lease');
    }
    if (namespace !== 'kube-node-lease')
      return pass('can only access leases in the "kube-node-lease" system namespace');
    // The name of a created object is not known yet; NodeRestriction looks at it.
    if (verb !== 'create' && name !== node)
      return pass('can only access node lease with the same name as the requesting node');
    return allow;
  };

  const decideNode = (node: string, attributes: AuthorizerAttributes): AuthorizerDecision => {
    const { verb, subresource, name, fieldSelector } = attributes;
    if (!subresource) {
      if (verb === 'create' || verb === 'update' || verb === 'patch') return allow;
      if (!reading(verb)) return pass(`cannot ${verb} nodes`);
      if (name === node || (verb !== 'get' && fieldValue(fieldSelector, 'metadata.name') === node)) return allow;
      return pass(`node '${node}' cannot read '${name || 'all nodes'}', only its own Node object`);
    }
    if (subresource === 'status' && (verb === 'update' || verb === 'patch')) return allow;
    return pass(`cannot ${verb} nodes/${subresource}`);
  };

  const decidePod = (node: string, attributes: AuthorizerAttributes): AuthorizerDecision => {
    const { verb, subresource, name, namespace, fieldSelector } = attributes;
    if (!subresource) {
      if (verb === 'create' || verb === 'delete') return allow;
      if (verb === 'get' || name) {
        if (!reading(verb)) return pass(`cannot ${verb} pods`);
        return refersTo(node, 'pod', namespace, name)
          ? allow
          : pass(`no relationship found between node '${node}' and this object`);
      }
      if (!reading(verb)) return pass(`cannot ${verb} pods`);
      return fieldValue(fieldSelector, 'spec.nodeName') === node
        ? allow
        : pass('can only list/watch pods with spec.nodeName field selector');
    }
    if (subresource === 'status' && (verb === 'update' || verb === 'patch')) return allow;
    if (subresource === 'eviction' && verb === 'create') return allow;
    return pass(`cannot ${verb} pods/${subresource}`);
  };

  const deciders: Record<string, (node: string, attributes: AuthorizerAttributes) => AuthorizerDecision> = {
    secrets: (node, attributes) => readRelated(node, 'secret', attributes),
    configmaps: (node, attributes) => readRelated(node, 'configmap', attributes),
    persistentvolumeclaims: decideClaim,
    serviceaccounts: decideToken,
    nodes: decideNode,
    pods: decidePod,
    'leases.coordination.k8s.io': decideLease,
  };

  return {
    async authorize(user, attributes) {
      const node = nodeNameOf(user);
      if (node === undefined) return pass('');
      if (!node) return pass(`unknown node for user ${JSON.stringify(user.name)}`);
      if (attributes.resourceRequest) {
        const { apiGroup, resource } = attributes;
        const decide = deciders[apiGroup ? `${resource}.${apiGroup}` : resource];
        if (decide) return decide(node, attributes);
      }
      return rulesAllow(attributes, nodeRules) ? allow : pass('');
    },
    async rulesFor(user) {
      // Upstream's does not resolve rules either: what a node may do depends on its pods.
      const isNode = nodeNameOf(user) !== undefined;
      return {
        rules: [],
        incomplete: isNode,
        ...(isNode && { evaluationError: 'node authorizer does not support user rule resolution' }),
      };
    },
  };
}

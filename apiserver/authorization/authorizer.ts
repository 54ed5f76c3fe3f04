/** Who may do what: upstream's `authorizer.Attributes` and `Authorizer`, and the texts of refusals. */
import type { PolicyRule } from '../../api/rbac/v1/types';
import { newForbidden, type StatusError } from '../../api/meta/status-error';
import type { RequestInfo, UserInfo } from '../request-context';

export interface AuthorizerAttributes {
  verb: string;
  /** False for a non-resource path; then only `verb` and `path` count. */
  resourceRequest: boolean;
  namespace: string;
  apiGroup: string;
  apiVersion: string;
  resource: string;
  subresource: string;
  name: string;
  path: string;
  /** Requirements of list and watch, when they could be parsed. */
  fieldSelector?: string;
}

export interface AuthorizerDecision {
  decision: 'allow' | 'deny' | 'no-opinion';
  reason: string;
  /** Why the decision may be incomplete (a role that does not exist). */
  evaluationError?: string;
}

/** What a user may do in a namespace, for SelfSubjectRulesReview. */
export interface UserRules {
  rules: PolicyRule[];
  incomplete: boolean;
  evaluationError?: string;
}

export interface Authorizer {
  authorize(user: UserInfo, attributes: AuthorizerAttributes): Promise<AuthorizerDecision>;
  rulesFor(user: UserInfo, namespace: string): Promise<UserRules>;
}

/** The attributes of a parsed request. */
export function attributesOf(info: RequestInfo): AuthorizerAttributes {
  return {
    verb: info.verb,
    resourceRequest: info.isResourceRequest,
    namespace: info.namespace,
    apiGroup: info.apiGroup,
    apiVersion: info.apiVersion,
    resource: info.resource,
    subresource: info.subresource,
    name: info.name,
    path: info.path,
    fieldSelector: info.fieldSelector,
  };
}

/** Attributes with everything but the given fields empty, for checks that the server makes on its own. */
export const resourceAttributes = (given: Partial<AuthorizerAttributes>): AuthorizerAttributes => ({
  verb: '',
  resourceRequest: true,
  namespace: '',
  apiGroup: '',
  apiVersion: '*',
  resource: '',
  subresource: '',
  name: '',
  path: '',
  ...given,
});

/** `User "jane" cannot list resource "pods" in API group "" in the namespace "default"`. */
export function describeRefusal(user: UserInfo, attributes: AuthorizerAttributes): string {
  const who = `User ${JSON.stringify(user.name)} cannot ${attributes.verb}`;
  if (!attributes.resourceRequest) return `${who} path ${JSON.stringify(attributes.path)}`;
  const resource = attributes.subresource ? `${attributes.resource}/${attributes.subresource}` : attributes.resource;
  const where = attributes.namespace
    ? `in the namespace ${JSON.stringify(attributes.namespace)}`
    : 'at the cluster scope';
  return `${who} resource ${JSON.stringify(resource)} in API group ${JSON.stringify(attributes.apiGroup)} ${where}`;
}

/** The 403 for a refused request, with the authorizer's reason behind the text as upstream prints it. */
export function newAuthorizationError(user: UserInfo, attributes: AuthorizerAttributes, reason: string): StatusError {
  const text = describeRefusal(user, attributes);
  return newForbidden(
    { group: attributes.apiGroup, resource: attributes.resource },
    attributes.name,
    reason ? `${text}: ${reason}` : text,
  );
}

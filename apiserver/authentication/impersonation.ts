/** `Impersonate-*` headers: acting as someone else, when authorized to. Upstream: `endpoints/filters/impersonation.go`. */
import type { IncomingMessage } from 'node:http';
import { newBadRequest } from '../../api/meta/status-error';
import {
  type Authorizer,
  type AuthorizerAttributes,
  newAuthorizationError,
  resourceAttributes,
} from '../authorization/authorizer';
import type { UserInfo } from '../request-context';
import { groupsOf, splitUserName } from './service-account-claims';

const extraPrefix = 'impersonate-extra-';

/** What the headers ask for; undefined without any. Throws when there is no user among them. */
export function requestedIdentity(request: Pick<IncomingMessage, 'headersDistinct'>): UserInfo | undefined {
  const headers = request.headersDistinct;
  const name = headers['impersonate-user']?.[0] ?? '';
  const groups = headers['impersonate-group'] ?? [];
  const uid = headers['impersonate-uid']?.[0] ?? '';
  const extra: Record<string, string[]> = {};
  for (const [header, values] of Object.entries(headers)) {
    if (header.startsWith(extraPrefix)) extra[decodeKey(header.slice(extraPrefix.length))] = values ?? [];
  }
  const hasExtra = Object.keys(extra).length > 0;
  if (!name) {
    if (groups.length || uid || hasExtra) throw newBadRequest('requested impersonation without impersonating a user');
    return undefined;
  }
  return { name, groups, ...(uid && { uid }), ...(hasExtra && { extra }) };
}

function hasImpersonation(headers: IncomingMessage['headers']): boolean {
  for (const header in headers) if (header.startsWith('impersonate-')) return true;
  return false;
}

function decodeKey(key: string): string {
  try {
    return decodeURIComponent(key).toLowerCase();
  } catch {
    return key.toLowerCase();
  }
}

/** One check for each thing that is impersonated. */
export function impersonationChecks(identity: UserInfo): AuthorizerAttributes[] {
  const check = (given: Partial<AuthorizerAttributes>): AuthorizerAttributes =>
    resourceAttributes({ verb: 'impersonate', ...given });
  const account = splitUserName(identity.name);
  const authn = { apiGroup: 'authentication.k8s.io', apiVersion: 'v1' };
  return [
    account
      ? check({ apiVersion: 'v1', resource: 'serviceaccounts', namespace: account.namespace, name: account.name })
      : check({ apiVersion: 'v1', resource: 'users', name: identity.name }),
    ...identity.groups.map((group) => check({ apiVersion: 'v1', resource: 'groups', name: group })),
    ...Object.entries(identity.extra ?? {}).flatMap(([key, values]) =>
      values.map((value) => check({ ...authn, resource: 'userextras', subresource: key, name: value })),
    ),
    ...(identity.uid ? [check({ ...authn, resource: 'uids', name: identity.uid })] : []),
  ];
}

/** The user to act as: the given one without headers. Throws Forbidden when one of the checks fails. */
export async function impersonate(request: IncomingMessage, user: UserInfo, authorizer: Authorizer): Promise<UserInfo> {
  const identity = hasImpersonation(request.headers) && requestedIdentity(request);
  if (!identity) return user;
  for (const attributes of impersonationChecks(identity)) {
    const { decision, reason } = await authorizer.authorize(user, attributes);
    if (decision !== 'allow') throw newAuthorizationError(user, attributes, reason);
  }
  const account = splitUserName(identity.name);
  const groups = identity.groups.length || !account ? [...identity.groups] : groupsOf(account.namespace);
  if (identity.name !== 'system:anonymous') {
    if (!groups.includes('system:authenticated') && !groups.includes('system:unauthenticated'))
      groups.push('system:authenticated');
  } else if (!groups.includes('system:unauthenticated')) groups.push('system:unauthenticated');
  return { ...identity, groups };
}

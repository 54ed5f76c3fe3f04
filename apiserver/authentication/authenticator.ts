/**
 * Who makes a request: a front proxy's headers, client certificate, then bearer token, then anonymous where that is allowed. A credential that is
 * given but wrong is refused even where anonymous is allowed. Upstream: `pkg/kubeapiserver/authenticator`.
 */
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { secrets } from '../../api/core/v1/secret';
import { newUnauthorized } from '../../api/meta/status-error';
import { lookUpOf } from '../registry/look-up';
import type { Loopback } from '../registry/loopback';
import type { UserInfo } from '../request-context';
import { parseBootstrapToken, userOfBootstrapToken } from './bootstrap-tokens';
import { takeBearerToken } from './bearer-token';
import { createCertificateReader } from './client-certificate';
import { createRequestHeaderAuthenticator, type RequestHeaderOptions } from './request-header';
import type { LegacyTokenVerifier } from './legacy-service-account-tokens';
import type { TokenVerdict, TokenVerifier } from './service-account-tokens';
import { parseTokenFile } from './static-tokens';

export interface AuthenticatorOptions {
  /** `paths` limits it to these exact paths, such as `/healthz`; undefined: every path. */
  anonymous: { enabled: boolean; paths?: readonly string[] };
  /** Text of the static token file. */
  staticTokens?: string;
  bootstrapTokens: boolean;
  serviceAccounts?: TokenVerifier;
  legacyServiceAccounts?: LegacyTokenVerifier;
  /** The API server's audiences, which static and bootstrap tokens are good for. */
  audiences?: string[];
  /** Front proxies that name the user in headers. */
  requestHeader?: RequestHeaderOptions;
  loopback: Loopback;
}

/** Gives the user, or throws Unauthorized. */
export type Authenticator = (request: IncomingMessage) => Promise<UserInfo>;

/** Verdict on a bearer token; undefined: nobody knows it. */
export type TokenAuthenticator = (token: string, audiences?: string[]) => Promise<TokenVerdict | undefined>;

/**
 * Where kubelab allows anonymous requests (RBAC has the last word): health and version, and cluster-info, which whoever joins
 * reads before it has any reason to show its token.
 */
export const anonymousPaths: readonly string[] = [
  '/healthz',
  '/livez',
  '/readyz',
  '/version',
  '/version/',
  '/api/v1/namespaces/kube-public/configmaps/cluster-info',
];

export const anonymousUser: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

const authenticated = (user: UserInfo): UserInfo => ({
  ...user,
  groups: [...new Set([...user.groups, 'system:authenticated'])],
});

/** Knows every kind of bearer token. Used for requests and for TokenReview. */
export function createTokenAuthenticator(options: Omit<AuthenticatorOptions, 'anonymous'>): TokenAuthenticator {
  const { loopback, serviceAccounts } = options;
  const own = options.audiences ?? [];
  const fixed = parseTokenFile(options.staticTokens ?? '');
  const findSecret = options.bootstrapTokens ? lookUpOf(loopback, secrets) : undefined;

  return async (token, audiences) => {
    const usable = audiences?.length ? audiences.filter((audience) => own.includes(audience)) : own;
    const forUs = !audiences?.length || usable.length > 0;
    const known = fixed.get(token);
    if (known) return forUs ? { user: authenticated(known), audiences: usable } : { error: 'invalid audience' };
    if (serviceAccounts?.recognizes(token)) {
      const verdict = await serviceAccounts.verify(token, audiences?.length ? audiences : undefined);
      return 'error' in verdict ? verdict : { ...verdict, user: authenticated(verdict.user) };
    }
    if (options.legacyServiceAccounts?.recognizes(token)) {
      if (!forUs) return { error: 'invalid audience' };
      const user = await options.legacyServiceAccounts.verify(token);
      return 'error' in user ? user : { user: authenticated(user), audiences: usable };
    }
    const bootstrap = findSecret && parseBootstrapToken(token);
    if (bootstrap && forUs) {
      const secret = await findSecret('kube-system', `bootstrap-token-${bootstrap.id}`);
      const user = userOfBootstrapToken(bootstrap, secret, loopback.clock.now());
      return 'error' in user ? user : { user: authenticated(user), audiences: usable };
    }
    return undefined;
  };
}

export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const { anonymous, loopback } = options;
  const readCertificate = createCertificateReader(() => loopback.clock.now());
  const readHeaders =
    options.requestHeader && createRequestHeaderAuthenticator(options.requestHeader, () => loopback.clock.now());
  const authenticateToken = createTokenAuthenticator(options);
  const openPaths = anonymous.paths && new Set(anonymous.paths);
  // A connection's requests have the same user.
  const users = new WeakMap<UserInfo, UserInfo>();
  const ofCertificate = (named: UserInfo): UserInfo => {
    let user = users.get(named);
    if (!user) users.set(named, (user = authenticated(named)));
    return user;
  };

  return async (request) => {
    const named = readHeaders?.(request);
    if (named) return authenticated(named);
    const fromCertificate = readCertificate(request.socket as TLSSocket);
    const token = takeBearerToken(request);
    if (fromCertificate && !('error' in fromCertificate)) return ofCertificate(fromCertificate);
    if (token !== undefined) {
      const verdict = await authenticateToken(token);
      if (verdict && !('error' in verdict)) return verdict.user;
      loopback.log.debug({ reason: verdict?.error ?? 'unknown token' }, 'refused a bearer token');
      throw newUnauthorized();
    }
    if (fromCertificate) {
      loopback.log.debug({ reason: fromCertificate.error }, 'refused a client certificate');
      throw newUnauthorized();
    }
    const path = (request.url ?? '').split('?', 1)[0]!;
    if (anonymous.enabled && (!openPaths || openPaths.has(path))) return anonymousUser;
    throw newUnauthorized();
  };
}

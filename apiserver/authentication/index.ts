/** Who makes a request, as the flags say: the authenticators of this server, and the issuer of its tokens. */
import type { CredentialFiles } from '../credential-files';
import type { ApiServerFlags } from '../flags';
import type { Loopback } from '../registry/loopback';
import {
  anonymousPaths,
  type Authenticator,
  createAuthenticator,
  createTokenAuthenticator,
  type TokenAuthenticator,
} from './authenticator';
import { createLegacyTokenVerifier } from './legacy-service-account-tokens';
import { jsonWebKeySet, openidConfiguration } from './oidc-discovery';
import { createTokenIssuer, createTokenVerifier, readPublicKeys, type TokenIssuer } from './service-account-tokens';

export interface Authentication {
  authenticate: Authenticator;
  /** For TokenReview: bearer tokens alone. */
  authenticateToken: TokenAuthenticator;
  /** Issues the tokens of service accounts. */
  issuer: TokenIssuer;
  /** Documents by which others verify those tokens, by their paths. */
  openid: Readonly<Record<string, object>>;
}

export function createAuthentication(
  flags: Pick<ApiServerFlags, 'anonymousAuth' | 'enableBootstrapTokenAuth' | 'serviceAccountIssuer'>,
  files: CredentialFiles,
  loopback: Loopback,
): Authentication {
  const { serviceAccountIssuer } = flags;
  const audiences = [serviceAccountIssuer];
  const keys = readPublicKeys(files.publicKeys);
  const tokens = {
    staticTokens: files.staticTokens,
    bootstrapTokens: flags.enableBootstrapTokenAuth,
    serviceAccounts: createTokenVerifier({ issuers: audiences, keys, audiences, loopback }),
    legacyServiceAccounts: createLegacyTokenVerifier({ keys, loopback }),
    audiences,
    loopback,
  };
  return {
    authenticate: createAuthenticator({
      ...tokens,
      requestHeader: files.requestHeader,
      anonymous: { enabled: flags.anonymousAuth, paths: anonymousPaths },
    }),
    authenticateToken: createTokenAuthenticator(tokens),
    issuer: createTokenIssuer({
      issuer: serviceAccountIssuer,
      privateKeyPem: files.signingKey,
      audiences,
      clock: loopback.clock,
    }),
    openid: {
      '/.well-known/openid-configuration': openidConfiguration(
        serviceAccountIssuer,
        `${serviceAccountIssuer}/openid/v1/jwks`,
        keys,
      ),
      '/openid/v1/jwks': jsonWebKeySet(keys),
    },
  };
}

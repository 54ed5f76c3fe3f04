/**
 * Issues and verifies service-account tokens. A signature is verified once per token; that the account, and the pod, secret or
 * node the token is bound to, still exist with the same uid is checked on every use. Upstream: `pkg/serviceaccount`.
 */
import { createPrivateKey, createPublicKey, randomUUID } from 'node:crypto';
import { nodes } from '../../api/core/v1/node';
import { pods } from '../../api/core/v1/pod';
import { secrets } from '../../api/core/v1/secret';
import { serviceAccounts } from '../../api/core/v1/serviceaccount';
import type { Clock } from '../../component-base/clock';
import { type LookUp, lookUpOf } from '../registry/look-up';
import type { Loopback } from '../registry/loopback';
import type { UserInfo } from '../request-context';
import { type JwtKey, jwtKey, peekJwt, signJwt, verifyJwt } from '../../component-base/jwt';
import {
  checkTimes,
  deletedLongAgo,
  type ObjectRef,
  readClaims,
  type ServiceAccountClaims,
  userNameOf,
  userOfClaims,
} from './service-account-claims';

export interface TokenRequestFacts {
  namespace: string;
  serviceAccount: ObjectRef;
  /** Empty: the issuer's default audiences. */
  audiences: string[];
  expirationSeconds: number;
  pod?: ObjectRef;
  secret?: ObjectRef;
  node?: ObjectRef;
  /** Seconds after which use of the token is logged upstream; set for tokens that were extended. */
  warnAfterSeconds?: number;
}

export interface TokenIssuer {
  readonly audiences: string[];
  issue(facts: TokenRequestFacts): { token: string; audiences: string[]; expiresAtMs: number; jti: string };
}

export type TokenVerdict = { user: UserInfo; audiences: string[] } | { error: string };

export interface TokenVerifier {
  /** True for a JWT of one of our issuers, whatever it is worth. */
  recognizes(token: string): boolean;
  /** `audiences`: which the token must be for, any of them; default: those of the API server. */
  verify(token: string, audiences?: string[]): Promise<TokenVerdict>;
}

export function createTokenIssuer(deps: {
  issuer: string;
  privateKeyPem: string | Buffer;
  audiences: string[];
  clock: Clock;
}): TokenIssuer {
  const key = jwtKey(createPrivateKey(deps.privateKeyPem));
  return {
    audiences: deps.audiences,
    issue(facts) {
      const now = Math.floor(deps.clock.now() / 1000);
      const audiences = facts.audiences.length ? facts.audiences : deps.audiences;
      const jti = randomUUID();
      const claims: ServiceAccountClaims = {
        aud: audiences,
        exp: now + facts.expirationSeconds,
        iat: now,
        iss: deps.issuer,
        jti,
        'kubernetes.io': {
          namespace: facts.namespace,
          ...(facts.node && { node: facts.node }),
          ...(facts.pod && { pod: facts.pod }),
          ...(facts.secret && { secret: facts.secret }),
          serviceaccount: facts.serviceAccount,
          ...(facts.warnAfterSeconds && { warnafter: now + facts.warnAfterSeconds }),
        },
        nbf: now,
        sub: userNameOf(facts.namespace, facts.serviceAccount.name),
      };
      return { token: signJwt(claims, key), audiences, expiresAtMs: claims.exp * 1000, jti };
    },
  };
}

/** Public keys from PEM text, which may hold several keys, public or private. */
export function readPublicKeys(pems: readonly (string | Buffer)[]): JwtKey[] {
  const keys = new Map<string, JwtKey>();
  for (const pem of pems) {
    for (const [block] of String(pem).matchAll(/-----BEGIN [A-Z ]+-----[\s\S]+?-----END [A-Z ]+-----/g)) {
      if (block.includes('EC PARAMETERS')) continue;
      const key = jwtKey(createPublicKey(block));
      keys.set(key.keyId, key);
    }
  }
  return [...keys.values()];
}

const maxCachedTokens = 4096;

export function createTokenVerifier(deps: {
  issuers: string[];
  /** Public keys (`readPublicKeys`). */
  keys: readonly JwtKey[];
  /** The API server's own audiences. */
  audiences: string[];
  loopback: Loopback;
}): TokenVerifier {
  const { loopback, issuers, keys } = deps;
  /** Claims of tokens whose signature was good, oldest use first. */
  const verified = new Map<string, ServiceAccountClaims>();
  const findServiceAccount = lookUpOf(loopback, serviceAccounts);
  const findPod = lookUpOf(loopback, pods);
  const findSecret = lookUpOf(loopback, secrets);
  const findNode = lookUpOf(loopback, nodes);

  const claimsOf = (token: string): ServiceAccountClaims | { error: string } => {
    const known = verified.get(token);
    if (known) {
      verified.delete(token);
      verified.set(token, known);
      return known;
    }
    let claims: ServiceAccountClaims | { error: string };
    try {
      claims = readClaims(verifyJwt(token, keys));
    } catch (error) {
      return { error: (error as Error).message };
    }
    if ('error' in claims) return claims;
    if (!issuers.includes(claims.iss)) return { error: 'unknown issuer' };
    verified.set(token, claims);
    if (verified.size > maxCachedTokens) verified.delete(verified.keys().next().value!);
    return claims;
  };

  const checkObjects = async (claims: ServiceAccountClaims): Promise<string | undefined> => {
    const { namespace, serviceaccount, pod, secret, node } = claims['kubernetes.io'];
    const now = loopback.clock.now();
    const bound: [LookUp<any>, string, ObjectRef | undefined, string][] = [
      [findServiceAccount, namespace, serviceaccount, 'service account'],
      [findPod, namespace, pod, 'pod'],
      [findSecret, namespace, secret, 'secret'],
      [findNode, '', pod ? undefined : node, 'node'],
    ];
    for (const [find, boundNamespace, ref, what] of bound) {
      if (!ref) continue;
      const object = await find(boundNamespace, ref.name, ({ metadata }) => metadata.uid === ref.uid);
      if (!object) return `the ${what} of the token does not exist any more`;
      if (deletedLongAgo(object.metadata.deletionTimestamp, now)) return `${what} has been deleted`;
    }
    return undefined;
  };

  return {
    recognizes(token) {
      const issuer = peekJwt(token)?.iss;
      return typeof issuer === 'string' && issuers.includes(issuer);
    },
    async verify(token, wanted = deps.audiences) {
      const claims = claimsOf(token);
      if ('error' in claims) return claims;
      const tooEarlyOrLate = checkTimes(claims, loopback.clock.now());
      if (tooEarlyOrLate) return { error: tooEarlyOrLate };
      const audiences = claims.aud.filter((audience) => wanted.includes(audience));
      if (!audiences.length)
        return {
          error: `token audiences ${JSON.stringify(claims.aud)} is invalid for the target audiences ${JSON.stringify(wanted)}`,
        };
      const gone = await checkObjects(claims);
      if (gone) return { error: gone };
      return { user: userOfClaims(claims), audiences };
    },
  };
}

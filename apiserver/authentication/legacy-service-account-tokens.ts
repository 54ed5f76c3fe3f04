/**
 * Tokens in Secrets of type kubernetes.io/service-account-token: they never expire, and are good for as long as their Secret
 * holds them and their account is the same. Upstream: `pkg/serviceaccount/legacy.go`.
 */
import { type Secret, secrets } from '../../api/core/v1/secret';
import { serviceAccounts } from '../../api/core/v1/serviceaccount';
import { cloneJson } from '../../api/meta/json';
import type { Stored } from '../../api/meta/types';
import { type JwtKey, peekJwt, verifyJwt } from '../../component-base/jwt';
import { lookUpOf } from '../registry/look-up';
import type { Loopback } from '../registry/loopback';
import type { UserInfo } from '../request-context';
import { deletedLongAgo, groupsOf, userNameOf } from './service-account-claims';

export const legacyIssuer = 'kubernetes/serviceaccount';
/** The day of the last use, by which clean-up knows what nobody needs any more. */
const lastUsedLabel = 'kubernetes.io/legacy-token-last-used';
const invalidSinceLabel = 'kubernetes.io/legacy-token-invalid-since';

const claim = (name: string): string => `kubernetes.io/serviceaccount/${name}`;

const tokenIn = ({ data }: Secret): string => Buffer.from(data?.['token'] ?? '', 'base64').toString();

export interface LegacyTokenVerifier {
  recognizes(token: string): boolean;
  verify(token: string): Promise<UserInfo | { error: string }>;
}

export function createLegacyTokenVerifier(deps: { keys: readonly JwtKey[]; loopback: Loopback }): LegacyTokenVerifier {
  const { keys, loopback } = deps;
  const findSecret = lookUpOf(loopback, secrets);
  const findServiceAccount = lookUpOf(loopback, serviceAccounts);

  /** Once a day; who lost the race need not say it again. */
  function markUsed(secret: Stored<Secret>): void {
    const today = new Date(loopback.clock.now()).toISOString().slice(0, 10);
    if (secret.metadata.labels?.[lastUsedLabel] === today) return;
    const { namespace = '', name } = secret.metadata;
    loopback.stores
      .of(secrets)
      .update(loopback.context, namespace, name, (current) => {
        const next = cloneJson(current ?? secret);
        next.metadata.labels = { ...next.metadata.labels, [lastUsedLabel]: today };
        return next;
      })
      .catch((error: unknown) => loopback.log.debug({ err: error, secret: name }, 'cannot mark the token as used'));
  }

  return {
    recognizes: (token) => peekJwt(token)?.['iss'] === legacyIssuer,
    async verify(token) {
      let claims: Record<string, unknown>;
      try {
        claims = verifyJwt(token, keys);
      } catch (error) {
        return { error: (error as Error).message };
      }
      const [namespace, secretName, account, uid] = [
        'namespace',
        'secret.name',
        'service-account.name',
        'service-account.uid',
      ]
        .map((name) => claims[claim(name)])
        .map((value) => (typeof value === 'string' ? value : ''));
      if (!namespace || !secretName || !account || !uid) return { error: 'a claim of the token is missing' };
      if (claims['sub'] !== userNameOf(namespace, account)) return { error: 'the subject does not match' };
      const nowMs = loopback.clock.now();
      const secret = await findSecret(namespace, secretName, (one) => tokenIn(one) === token);
      if (!secret || deletedLongAgo(secret.metadata.deletionTimestamp, nowMs)) {
        return { error: 'token has been invalidated' };
      }
      if (secret.metadata.labels?.[invalidSinceLabel]) return { error: 'token has been marked invalid' };
      const serviceAccount = await findServiceAccount(namespace, account, ({ metadata }) => metadata.uid === uid);
      if (!serviceAccount || deletedLongAgo(serviceAccount.metadata.deletionTimestamp, nowMs)) {
        return { error: 'the service account of the token does not exist any more' };
      }
      markUsed(secret);
      return { name: userNameOf(namespace, account), uid, groups: groupsOf(namespace) };
    },
  };
}

/**
 * Bootstrap tokens: `<id>.<secret>` kept as Secrets of type bootstrap.kubernetes.io/token in kube-system, for nodes that join.
 * Upstream: `plugin/pkg/auth/authenticator/token/bootstrap`.
 */
import { timingSafeEqual } from 'node:crypto';
import type { Secret } from '../../api/core/v1/secret';
import type { UserInfo } from '../request-context';

const tokenPattern = /^([a-z0-9]{6})\.([a-z0-9]{16})$/;
const groupPattern = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/;

export interface BootstrapToken {
  id: string;
  secret: string;
}

export function parseBootstrapToken(token: string): BootstrapToken | undefined {
  const match = tokenPattern.exec(token);
  return match ? { id: match[1]!, secret: match[2]! } : undefined;
}

const decode = (secret: Secret, key: string): string => Buffer.from(secret.data?.[key] ?? '', 'base64').toString();

function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}

/** The user a token stands for, or why it does not count. `secret` is `kube-system/bootstrap-token-<id>`. */
export function userOfBootstrapToken(
  token: BootstrapToken,
  secret: Secret | undefined,
  nowMs: number,
): UserInfo | { error: string } {
  if (!secret) return { error: 'no such bootstrap token' };
  if (secret.metadata?.deletionTimestamp) return { error: 'the bootstrap token is being deleted' };
  if (secret.type !== 'bootstrap.kubernetes.io/token') return { error: 'the Secret is no bootstrap token' };
  if (!sameText(decode(secret, 'token-secret'), token.secret)) return { error: 'the secret part does not match' };
  if (decode(secret, 'token-id') !== token.id) return { error: 'the id does not match the Secret' };
  const expiration = decode(secret, 'expiration');
  // An expiration that cannot be read counts as expired.
  if (expiration && !(Date.parse(expiration) > nowMs)) return { error: 'the bootstrap token has expired' };
  if (decode(secret, 'usage-bootstrap-authentication') !== 'true') return { error: 'not usable for authentication' };
  const groups = new Set(['system:bootstrappers']);
  for (const group of decode(secret, 'auth-extra-groups').split(',').filter(Boolean)) {
    if (!groupPattern.test(group)) return { error: `invalid bootstrap group ${JSON.stringify(group)}` };
    groups.add(group);
  }
  return { name: `system:bootstrap:${token.id}`, groups: [...groups].sort() };
}

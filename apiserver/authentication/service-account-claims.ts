/** The claims of service-account tokens, made and checked. Upstream: `pkg/serviceaccount/claims.go`. Pure. */
import type { UserInfo } from '../request-context';

export interface ObjectRef {
  name: string;
  uid: string;
}

export interface ServiceAccountClaims {
  iss: string;
  sub: string;
  aud: string[];
  /** Seconds since the epoch. */
  exp: number;
  iat: number;
  nbf: number;
  jti: string;
  'kubernetes.io': {
    namespace: string;
    serviceaccount: ObjectRef;
    pod?: ObjectRef;
    secret?: ObjectRef;
    node?: ObjectRef;
    warnafter?: number;
  };
}

/** Clocks of several hosts may differ by this much. */
const leewaySeconds = 60;

const isRef = (value: unknown): value is ObjectRef =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as ObjectRef).name === 'string' &&
  typeof (value as ObjectRef).uid === 'string';

/** Claims of the right shape, or why not. The signature must have been checked. */
export function readClaims(raw: Record<string, unknown>): ServiceAccountClaims | { error: string } {
  const claims = raw as Partial<ServiceAccountClaims>;
  const own = claims['kubernetes.io'];
  if (typeof own !== 'object' || own === null) return { error: 'not a service account token' };
  if (typeof own.namespace !== 'string' || !own.namespace || !isRef(own.serviceaccount)) {
    return { error: 'the token names no service account' };
  }
  for (const bound of [own.pod, own.secret, own.node])
    if (bound !== undefined && !isRef(bound)) return { error: 'bad binding' };
  if (claims.sub !== userNameOf(own.namespace, own.serviceaccount.name)) return { error: 'the subject does not match' };
  if (typeof claims.exp !== 'number') return { error: 'the token has no expiry' };
  const aud: unknown = claims.aud;
  const audiences = Array.isArray(aud)
    ? aud.filter((item) => typeof item === 'string')
    : typeof aud === 'string'
      ? [aud]
      : [];
  return { ...(claims as ServiceAccountClaims), aud: audiences };
}

/** Why the token is not valid at `nowMs`; undefined when it is. */
export function checkTimes(claims: Pick<ServiceAccountClaims, 'exp' | 'nbf'>, nowMs: number): string | undefined {
  const now = nowMs / 1000;
  if (now >= claims.exp) return 'service account token has expired';
  if (typeof claims.nbf === 'number' && now + leewaySeconds < claims.nbf)
    return 'service account token is not valid yet';
  return undefined;
}

/** True when an object that a token is bound to has been gone, or going past its grace, for longer than the leeway. */
export const deletedLongAgo = (deletionTimestamp: string | undefined, nowMs: number): boolean =>
  deletionTimestamp !== undefined && Date.parse(deletionTimestamp) < nowMs - leewaySeconds * 1000;

export const userNameOf = (namespace: string, name: string): string => `system:serviceaccount:${namespace}:${name}`;

export const groupsOf = (namespace: string): string[] => [
  'system:serviceaccounts',
  `system:serviceaccounts:${namespace}`,
];

/** Namespace and name of a service account's user name. */
export function splitUserName(user: string): { namespace: string; name: string } | undefined {
  const parts = user.split(':');
  if (parts.length !== 4 || parts[0] !== 'system' || parts[1] !== 'serviceaccount' || !parts[2] || !parts[3])
    return undefined;
  return { namespace: parts[2], name: parts[3] };
}

export function userOfClaims(claims: ServiceAccountClaims): UserInfo {
  const { namespace, serviceaccount, pod, node } = claims['kubernetes.io'];
  const extra: Record<string, string[]> = {};
  if (claims.jti) extra['authentication.kubernetes.io/credential-id'] = [`JTI=${claims.jti}`];
  if (pod) {
    extra['authentication.kubernetes.io/pod-name'] = [pod.name];
    extra['authentication.kubernetes.io/pod-uid'] = [pod.uid];
  }
  if (node) {
    extra['authentication.kubernetes.io/node-name'] = [node.name];
    extra['authentication.kubernetes.io/node-uid'] = [node.uid];
  }
  return {
    name: userNameOf(namespace, serviceaccount.name),
    uid: serviceaccount.uid,
    groups: groupsOf(namespace),
    ...(Object.keys(extra).length && { extra }),
  };
}

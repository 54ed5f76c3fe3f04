/** What a Secret of type kubernetes.io/service-account-token must hold, and the token itself. Pure. */
import type { Secret } from '../../../api/core/v1/secret';
import type { ServiceAccount } from '../../../api/core/v1/serviceaccount';
import { cloneJson } from '../../../api/meta/json';
import type { Stored } from '../../../api/meta/types';
import { type JwtKey, signJwt } from '../../../component-base/jwt';

export const tokenSecretType = 'kubernetes.io/service-account-token';
export const nameAnnotation = 'kubernetes.io/service-account.name';
export const uidAnnotation = 'kubernetes.io/service-account.uid';

/** `namespace/name` of the account that the Secret is for. */
export const accountKeyOf = ({ metadata }: Secret): string =>
  `${metadata?.namespace}/${metadata?.annotations?.[nameAnnotation] ?? ''}`;

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** Upstream's legacy claims: no audience and no expiry; the Secret itself is the token's life. */
export const legacyClaims = (account: Stored<ServiceAccount>, secretName: string): Record<string, string> => ({
  iss: 'kubernetes/serviceaccount',
  'kubernetes.io/serviceaccount/namespace': account.metadata.namespace ?? '',
  'kubernetes.io/serviceaccount/secret.name': secretName,
  'kubernetes.io/serviceaccount/service-account.name': account.metadata.name,
  'kubernetes.io/serviceaccount/service-account.uid': account.metadata.uid,
  sub: `system:serviceaccount:${account.metadata.namespace}:${account.metadata.name}`,
});

export interface TokenMaterial {
  key: JwtKey;
  rootCa?: string;
}

/** The Secret as it must be; undefined when it is so already. Data that is there stays, but for another cluster's CA. */
export function filledSecret(
  secret: Stored<Secret>,
  account: Stored<ServiceAccount>,
  { key, rootCa }: TokenMaterial,
): Stored<Secret> | undefined {
  const data = secret.data ?? {};
  const namespace = base64(secret.metadata.namespace ?? '');
  const ca = rootCa === undefined ? undefined : base64(rootCa);
  const complete = data['token'] && data['namespace'] && (ca === undefined || data['ca.crt'] === ca);
  if (complete && secret.metadata.annotations?.[uidAnnotation]) return undefined;
  const next = cloneJson(secret);
  next.metadata.annotations = { ...next.metadata.annotations, [uidAnnotation]: account.metadata.uid };
  next.data = {
    ...(ca !== undefined && { 'ca.crt': ca }),
    namespace,
    token: base64(signJwt(legacyClaims(account, secret.metadata.name), key)),
    ...Object.fromEntries(Object.entries(data).filter(([name, value]) => value && !(name === 'ca.crt' && ca))),
  };
  return next;
}

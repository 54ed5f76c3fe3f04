/** Signatures of cluster-info by bootstrap tokens, with which whoever joins checks what it was told. Upstream: `jws.go`. */
import { createHmac } from 'node:crypto';
import type { Secret } from '../../../api/core/v1/secret';

export const signaturePrefix = 'jws-kubeconfig-';

const base64url = (text: string): string => Buffer.from(text).toString('base64url');

/** A detached JWS (HS256): header and signature, without the content between them. */
export function detachedSignature(content: string, tokenId: string, tokenSecret: string): string {
  const header = base64url(JSON.stringify({ alg: 'HS256', kid: tokenId }));
  const signature = createHmac('sha256', tokenSecret)
    .update(`${header}.${base64url(content)}`)
    .digest('base64url');
  return `${header}..${signature}`;
}

/** The data of cluster-info with exactly the signatures of the tokens that may sign now. */
export function signedData(
  data: Readonly<Record<string, string>>,
  tokens: readonly Secret[],
  now: number,
): Record<string, string> {
  const signed = Object.fromEntries(Object.entries(data).filter(([name]) => !name.startsWith(signaturePrefix)));
  const { kubeconfig } = data;
  if (kubeconfig === undefined) return signed;
  for (const token of tokens) {
    const field = (name: string): string => Buffer.from(token.data?.[name] ?? '', 'base64').toString();
    const [id, secret, expiration] = [field('token-id'), field('token-secret'), field('expiration')];
    const wellFormed = /^[a-z0-9]{6}$/.test(id) && /^[a-z0-9]{16}$/.test(secret);
    const alive = expiration === '' || Date.parse(expiration) > now;
    if (!wellFormed || !alive || field('usage-bootstrap-signing') !== 'true') continue;
    if (token.metadata?.name !== `bootstrap-token-${id}`) continue;
    signed[signaturePrefix + id] = detachedSignature(kubeconfig, id, secret);
  }
  return signed;
}

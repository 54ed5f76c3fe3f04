/**
 * JSON Web Tokens as service accounts use them: RS256 and ES256 only, so that `none` and HMAC tokens can never be accepted
 * with a public key. Key ids are those of upstream (`keyIDFromPublicKey`).
 */
import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';

export type JwtAlgorithm = 'RS256' | 'ES256';

export interface JwtKey {
  key: KeyObject;
  keyId: string;
  algorithm: JwtAlgorithm;
}

export class JwtError extends Error {
  override readonly name = 'JwtError';
}

/** A private or public key, with the algorithm its type asks for. Throws on other key types. */
export function jwtKey(key: KeyObject): JwtKey {
  const type = key.asymmetricKeyType;
  const algorithm = type === 'rsa' ? 'RS256' : type === 'ec' ? 'ES256' : undefined;
  if (!algorithm || (type === 'ec' && key.asymmetricKeyDetails?.namedCurve !== 'prime256v1')) {
    throw new JwtError(`a service account key must be RSA or ECDSA P-256, not ${String(type)}`);
  }
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  const keyId = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url');
  return { key, keyId, algorithm };
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const signingOptions = (key: KeyObject) => ({ key, dsaEncoding: 'ieee-p1363' as const });

export function signJwt(claims: object, { key, keyId, algorithm }: JwtKey): string {
  const input = `${encode({ alg: algorithm, kid: keyId })}.${encode(claims)}`;
  return `${input}.${sign('sha256', Buffer.from(input), signingOptions(key)).toString('base64url')}`;
}

function decodePart(part: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(part, 'base64url').toString());
  } catch (cause) {
    throw new JwtError('malformed token', { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new JwtError('malformed token');
  return value as Record<string, unknown>;
}

/** The claims without any check, to see whose token it is. */
export function peekJwt(token: string): Record<string, unknown> | undefined {
  const parts = token.split('.');
  if (parts.length !== 3) return undefined;
  try {
    return decodePart(parts[1]!);
  } catch {
    return undefined;
  }
}

/** The claims of a token signed by one of the keys. Checks only the signature; throws JwtError. */
export function verifyJwt(token: string, keys: readonly JwtKey[]): Record<string, unknown> {
  const [header, payload, signature, ...rest] = token.split('.');
  if (!header || !payload || !signature || rest.length) throw new JwtError('malformed token');
  const { alg, kid } = decodePart(header);
  const input = Buffer.from(`${header}.${payload}`);
  const bytes = Buffer.from(signature, 'base64url');
  const usable = keys.filter((key) => key.algorithm === alg && (kid === undefined || kid === key.keyId));
  if (!usable.some(({ key }) => verify('sha256', input, signingOptions(key), bytes))) {
    throw new JwtError('invalid signature');
  }
  return decodePart(payload);
}

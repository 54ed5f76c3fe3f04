/** The documents by which others verify service-account tokens. Upstream: `pkg/serviceaccount/openidmetadata.go`. Pure. */
import type { JsonWebKey } from 'node:crypto';
import type { JwtKey } from '../../component-base/jwt';

/** `GET /.well-known/openid-configuration` */
export function openidConfiguration(issuer: string, jwksUri: string, keys: readonly JwtKey[]) {
  return {
    issuer,
    jwks_uri: jwksUri,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [...new Set(keys.map((key) => key.algorithm))].sort(),
  };
}

/** `GET /openid/v1/jwks`. `keys` are public keys (`readPublicKeys`). */
export function jsonWebKeySet(keys: readonly JwtKey[]): { keys: JsonWebKey[] } {
  return {
    keys: keys.map(({ key, keyId, algorithm }) => ({
      use: 'sig',
      kid: keyId,
      alg: algorithm,
      ...key.export({ format: 'jwk' }),
    })),
  };
}

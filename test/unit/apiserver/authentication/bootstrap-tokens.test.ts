import type { Secret } from '../../../../api/core/v1/secret';
import { parseBootstrapToken, userOfBootstrapToken } from '../../../../apiserver/authentication/bootstrap-tokens';

const token = parseBootstrapToken('abcdef.0123456789abcdef')!;
const now = Date.parse('2026-01-01T00:00:00Z');
const secret = (fields: Record<string, string>, more: Partial<Secret> = {}): Secret => ({
  type: 'bootstrap.kubernetes.io/token',
  data: Object.fromEntries(
    Object.entries({
      'token-id': 'abcdef',
      'token-secret': '0123456789abcdef',
      'usage-bootstrap-authentication': 'true',
      ...fields,
    }).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  ),
  ...more,
});

describe('bootstrap tokens', () => {
  it('have six and sixteen characters', () => {
    expect(parseBootstrapToken('abcde.0123456789abcdef')).toBeUndefined();
    expect(parseBootstrapToken('ABCDEF.0123456789abcdef')).toBeUndefined();
    expect(token).toEqual({ id: 'abcdef', secret: '0123456789abcdef' });
  });

  it('are good until they expire', () => {
    expect(userOfBootstrapToken(token, secret({ expiration: '2026-01-01T00:00:01Z' }), now)).toHaveProperty('name');
    expect(userOfBootstrapToken(token, secret({ expiration: '2026-01-01T00:00:00Z' }), now)).toHaveProperty('error');
    expect(userOfBootstrapToken(token, secret({ expiration: 'soon' }), now)).toHaveProperty('error');
  });

  it.each([
    ['no Secret', undefined],
    ['another type', secret({}, { type: 'Opaque' })],
    ['another use', secret({ 'usage-bootstrap-authentication': 'false' })],
    ['another id', secret({ 'token-id': 'fedcba' })],
    ['another secret', secret({ 'token-secret': 'x' })],
    ['a group out of bounds', secret({ 'auth-extra-groups': 'system:masters' })],
    ['a Secret that is being deleted', secret({}, { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } })],
  ])('are refused with %s', (_what, given) => {
    expect(userOfBootstrapToken(token, given, now)).toHaveProperty('error');
  });
});

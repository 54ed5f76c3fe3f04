import { generateKeyPairSync } from 'node:crypto';
import { jwtKey, peekJwt } from '../../../../../component-base/jwt';
import { filledSecret } from '../../../../../controller-manager/controllers/serviceaccount-token/plan';

const key = jwtKey(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
const account = { metadata: { name: 'builder', namespace: 'ns', uid: 'u1', resourceVersion: '1' } } as never;
const secret = (data?: Record<string, string>, annotations: Record<string, string> = {}) =>
  ({ metadata: { name: 's', namespace: 'ns', uid: 'u2', resourceVersion: '1', annotations }, data }) as never;
const base64 = (text: string): string => Buffer.from(text).toString('base64');

it('fills what is empty', () => {
  const filled = filledSecret(secret(), account, { key, rootCa: 'ca' });
  expect(filled?.data).toMatchObject({ 'ca.crt': base64('ca'), namespace: base64('ns') });
  expect(peekJwt(Buffer.from(filled?.data?.['token'] ?? '', 'base64').toString())).toEqual({
    iss: 'kubernetes/serviceaccount',
    'kubernetes.io/serviceaccount/namespace': 'ns',
    'kubernetes.io/serviceaccount/secret.name': 's',
    'kubernetes.io/serviceaccount/service-account.name': 'builder',
    'kubernetes.io/serviceaccount/service-account.uid': 'u1',
    sub: 'system:serviceaccount:ns:builder',
  });
  expect(filled?.metadata.annotations).toEqual({ 'kubernetes.io/service-account.uid': 'u1' });
});

it('keeps a token that is there, renews the CA, and leaves alone what is complete', () => {
  const given = { token: base64('mine'), namespace: base64('ns'), 'ca.crt': base64('old'), more: base64('x') };
  const filled = filledSecret(secret(given), account, { key, rootCa: 'new' });
  expect(filled?.data).toEqual({ ...given, 'ca.crt': base64('new') });
  expect(filledSecret(filled as never, account, { key, rootCa: 'new' })).toBeUndefined();
});

import { configMaps } from '../../../../../api/core/v1/configmap';
import { type Secret, secrets } from '../../../../../api/core/v1/secret';
import { formatFieldError } from '../../../../../api/meta/field-error';

it('turns stringData into data', () => {
  const secret: Secret = { data: { a: 'eA==', b: 'eQ==' }, stringData: { b: 'new' } };
  secrets.defaults?.(secret);
  expect(secret).toEqual({ type: 'Opaque', data: { a: 'eA==', b: Buffer.from('new').toString('base64') } });
});

it.each<[string, Secret, string[]]>([
  ['TLS', { type: 'kubernetes.io/tls', data: { 'tls.crt': '' } }, ['data[tls.key]: Required value']],
  [
    'service account token',
    { type: 'kubernetes.io/service-account-token' },
    ['metadata.annotations[kubernetes.io/service-account.name]: Required value'],
  ],
  ['docker configuration', { type: 'kubernetes.io/dockerconfigjson' }, ['data[.dockerconfigjson]: Required value']],
])('checks the keys of a %s secret', (_, secret, expected) => {
  expect(secrets.validate?.(secret).map((error) => formatFieldError(error))).toEqual(expected);
});

it.each([
  ['Secret', secrets],
  ['ConfigMap', configMaps],
] as const)('does not change an immutable %s', (_, definition) => {
  const old = { immutable: true, data: { a: 'eA==' }, type: 'Opaque' };
  const changed = { ...old, immutable: undefined, data: { a: 'eQ==' } };
  const errors = definition.validateUpdate?.(changed, old) ?? [];
  expect(errors.map((error) => formatFieldError(error))).toEqual([
    'immutable: Forbidden: field is immutable when `immutable` is set',
    'data: Forbidden: field is immutable when `immutable` is set',
  ]);
});

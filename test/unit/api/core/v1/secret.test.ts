import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configMaps } from '../../../../../api/core/v1/configmap';
import { type Secret, secrets } from '../../../../../api/core/v1/secret';
import { formatFieldError } from '../../../../../api/meta/field-error';
import { ensureAuthority } from '../../../../../deploy/pki';

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
  ...[
    ['p4ssw0rd', "invalid character 'p' looking for beginning of value"],
    ['["a"]', 'json: cannot unmarshal array into Go value of type map[string]interface {}'],
    ['true', 'json: cannot unmarshal bool into Go value of type map[string]interface {}'],
  ].map(([text = '', detail]): [string, Secret, string[]] => [
    `docker configuration (${text})`,
    { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': Buffer.from(text).toString('base64') } },
    [`data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": ${detail}`],
  ]),
])('checks the keys of a %s secret', (_, secret, expected) => {
  expect(secrets.validate?.(secret).map((error) => formatFieldError(error))).toEqual(expected);
});

it.each([
  ['Secret', secrets, 'data'],
  ['ConfigMap', configMaps, '[]'],
] as const)('bounds the size of a %s', (_, definition, path) => {
  const data = { a: 'A'.repeat(2 * 1024 * 1024) };
  const errors = definition.validate?.({ metadata: { name: 'big' }, data }) ?? [];
  expect(errors.map((error) => formatFieldError(error))).toEqual([
    `${path}: Too long: may not be more than 1048576 bytes`,
  ]);
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

async function newPair(name: string): Promise<{ cert: string; key: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'pair-'));
  try {
    const { files, pem } = await ensureAuthority(folder, name, name);
    return { cert: pem, key: readFileSync(files.key, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('warnings of TLS secrets', () => {
  const encode = (text: string) => Buffer.from(text).toString('base64');
  const pair = (certificate: string, key: string): Secret => ({
    type: 'kubernetes.io/tls',
    data: { 'tls.crt': encode(certificate), 'tls.key': encode(key) },
  });
  const block = (kind: string) => `-----BEGIN ${kind}-----\nAAAA\n-----END ${kind}-----\n`;

  it.each<[string, Secret, string[]]>([
    ['no certificate', pair('x', 'y'), ['tls: failed to find any PEM data in certificate input']],
    ['no key', pair(block('CERTIFICATE'), 'y'), ['tls: failed to find any PEM data in key input']],
    [
      'nothing readable',
      pair(block('CERTIFICATE'), block('PRIVATE KEY')),
      ['tls: failed to parse certificate or private key'],
    ],
    ['another type', { type: 'Opaque' }, []],
  ])('%s', (_, secret, expected) => {
    expect(secrets.warnings?.(secret)).toEqual(expected);
  });

  it('a key of another certificate', async () => {
    const [one, other] = await Promise.all(['one', 'other'].map(newPair));
    expect(secrets.warnings?.(pair(one!.cert, one!.key))).toEqual([]);
    expect(secrets.warnings?.(pair(one!.cert, other!.key))).toEqual(['tls: private key does not match public key']);
  });
});

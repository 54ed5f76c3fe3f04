import { parseEncryptionConfiguration } from '../../../../../apiserver/storage/encryption/configuration';

const secret = Buffer.alloc(32, 1).toString('base64');
const keyed = (provider: string, ...names: string[]) => ({
  [provider]: { keys: names.map((name) => ({ name, secret })) },
});
const config = (...resources: object[]): string =>
  JSON.stringify({ apiVersion: 'apiserver.config.k8s.io/v1', kind: 'EncryptionConfiguration', resources });
const rulesOf = (providers: object[], resources = ['secrets']) =>
  parseEncryptionConfiguration(config({ resources, providers }));
const secrets = { group: '', resource: 'secrets' };
const etcdKey = '/registry/core/secrets/default/one';
const text = Buffer.from('{"kind":"Secret"}');

it.each(['aescbc', 'aesgcm', 'secretbox'])('%s seals behind its prefix and opens again', (provider) => {
  const transformer = rulesOf([keyed(provider, 'key1')])(secrets)!;
  const stored = transformer.seal(etcdKey, text);
  expect(stored.toString('latin1')).toMatch(new RegExp(`^k8s:enc:${provider}:v1:key1:`));
  expect(stored.includes('Secret')).toBe(false);
  expect(transformer.open(etcdKey, stored)).toEqual({ plain: text, stale: false });
});

it.each(['aesgcm', 'secretbox'])('%s opens nothing that was changed', (provider) => {
  const transformer = rulesOf([keyed(provider, 'key1')])(secrets)!;
  const stored = transformer.seal(etcdKey, text);
  stored[stored.length - 1]! ^= 1;
  expect(() => transformer.open(etcdKey, stored)).toThrow('unable to transform key');
});

it('does not open a value of aesgcm under another key of etcd', () => {
  const transformer = rulesOf([keyed('aesgcm', 'key1')])(secrets)!;
  expect(() => transformer.open('/registry/core/secrets/default/two', transformer.seal(etcdKey, text))).toThrow(
    'unable to transform key',
  );
});

it('reads what any provider wrote, and says that it is stale unless the first did', () => {
  const old = rulesOf([keyed('aescbc', 'old')])(secrets)!;
  const rotated = rulesOf([keyed('secretbox', 'new'), keyed('aescbc', 'old'), { identity: {} }])(secrets)!;
  expect(rotated.open(etcdKey, old.seal(etcdKey, text))).toEqual({ plain: text, stale: true });
  expect(rotated.open(etcdKey, text)).toEqual({ plain: text, stale: true });
  expect(rotated.open(etcdKey, rotated.seal(etcdKey, text)).stale).toBe(false);
});

it('decrypts for good when identity comes first, and never hands out what it cannot decrypt', () => {
  const old = rulesOf([keyed('aescbc', 'old')])(secrets)!;
  const decrypting = rulesOf([{ identity: {} }, keyed('aescbc', 'old')])(secrets)!;
  expect(decrypting.open(etcdKey, old.seal(etcdKey, text))).toEqual({ plain: text, stale: true });
  expect(decrypting.seal(etcdKey, text)).toEqual(text);
  const without = rulesOf([{ identity: {} }])(secrets)!;
  expect(() => without.open(etcdKey, old.seal(etcdKey, text))).toThrow(
    'identity transformer tried to read encrypted data',
  );
  const other = rulesOf([keyed('secretbox', 'x')])(secrets)!;
  expect(() => other.open(etcdKey, text)).toThrow('no matching prefix found');
});

it.each([
  ['secrets', '', 'secrets', true],
  ['secrets', 'example.com', 'secrets', false],
  ['deployments.apps', 'apps', 'deployments', true],
  ['*.apps', 'apps', 'deployments', true],
  ['*.apps', 'batch', 'jobs', false],
  ['*.', '', 'configmaps', true],
  ['*.', 'apps', 'deployments', false],
  ['*.*', 'apps', 'deployments', true],
])('%s covers %s/%s: %s', (spec, group, resource, covered) => {
  expect(rulesOf([{ identity: {} }], [spec])({ group, resource }) !== undefined).toBe(covered);
});

it('lets the first entry that covers a resource decide', () => {
  const rules = parseEncryptionConfiguration(
    config(
      { resources: ['secrets'], providers: [keyed('aescbc', 'a')] },
      { resources: ['*.*'], providers: [{ identity: {} }] },
    ),
  );
  expect(rules(secrets)!.seal(etcdKey, text)).not.toEqual(text);
  expect(rules({ group: '', resource: 'pods' })!.seal(etcdKey, text)).toEqual(text);
});

it.each<[string, string]>([
  ['kind: Config', 'apiserver.config.k8s.io/v1'],
  [config(), 'must contain at least one resource'],
  [config({ resources: [], providers: [{ identity: {} }] }), 'resources[0].resources'],
  [config({ resources: ['*'], providers: [{ identity: {} }] }), 'Invalid value: "*"'],
  [config({ resources: ['secrets'], providers: [] }), 'at least one provider'],
  [config({ resources: ['secrets'], providers: [{ kms: {} }] }), '"kms" is not supported'],
  [config({ resources: ['secrets'], providers: [{ aescbc: { keys: [] } }] }), 'at least one key'],
  [config({ resources: ['secrets'], providers: [{ aescbc: { keys: [{ name: 'a', secret: 'YWJj' }] } }] }), 'got 3'],
  [
    config({ resources: ['secrets'], providers: [{ secretbox: { keys: [{ name: 'a:b', secret }] } }] }),
    'must not contain ":"',
  ],
])('refuses %s', (text_, message) => {
  expect(() => parseEncryptionConfiguration(text_)).toThrow(message);
});

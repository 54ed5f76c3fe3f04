import type { Volume } from '../../../../api/core/v1/pod';
import { payloadOf, type PayloadSources } from '../../../../kubelet/volumes/payloads';
import { podOf } from '../pods/pod-fixtures';

const sources: PayloadSources = {
  facts: { pod: podOf({}), podIPs: ['10.0.0.2'], hostIPs: [], nodeName: 'n1', allocatable: {} },
  configMap: async (name) => (name === 'conf' ? { data: { a: '1' }, binaryData: { b: 'Mg==' } } : undefined),
  secret: async (name) => (name === 'pass' ? { data: { c: 'Mw==' } } : undefined),
  token: async () => 'a-token',
};

async function filesOf(volume: Omit<Volume, 'name'>): Promise<Record<string, string>> {
  const files = (await payloadOf({ name: 'v', ...volume }, sources)) ?? new Map();
  return Object.fromEntries([...files].map(([name, { data, mode }]) => [name, `${data} ${mode.toString(8)}`]));
}

describe('the files of a volume', () => {
  it('are all keys of a config map, binary ones too', async () => {
    expect(await filesOf({ configMap: { name: 'conf' } })).toEqual({ a: '1 644', b: '2 644' });
  });

  it('are the items asked for, at their paths, with their modes', async () => {
    const items = [{ key: 'a', path: 'deep/one', mode: 0o600 }];
    expect(await filesOf({ configMap: { name: 'conf', items } })).toEqual({ 'deep/one': '1 600' });
  });

  it('are those of all sources of a projected volume', async () => {
    const projected = {
      sources: [
        { configMap: { name: 'conf' } },
        { secret: { name: 'pass' } },
        { secret: { name: 'none', optional: true } },
        { downwardAPI: { items: [{ path: 'name', fieldRef: { fieldPath: 'metadata.name' } }] } },
        { serviceAccountToken: { path: 'token' } },
      ],
    };
    expect(await filesOf({ projected })).toEqual({
      a: '1 644',
      b: '2 644',
      c: '3 644',
      name: 'web 644',
      token: 'a-token 644',
    });
  });

  const items = [{ key: 'gone', path: 'p' }];
  it.each([
    ['a missing config map', { configMap: { name: 'none' } }, 'configmap "none" not found'],
    ['a missing secret', { secret: { secretName: 'none' } }, 'secret "none" not found'],
    [
      'a missing key of a config map',
      { configMap: { name: 'conf', items } },
      'configmap references non-existent config key: gone',
    ],
    [
      'a missing key of a secret',
      { secret: { secretName: 'pass', items } },
      'references non-existent secret key: gone',
    ],
  ])('are refused for %s, in upstream’s words', async (_what, volume, message) => {
    await expect(filesOf(volume)).rejects.toThrow(new RegExp(`^${message}$`));
  });

  it('do without what is optional', async () => {
    expect(await filesOf({ configMap: { name: 'conf', items, optional: true } })).toEqual({});
  });
});

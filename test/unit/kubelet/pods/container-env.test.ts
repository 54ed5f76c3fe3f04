import type { Container } from '../../../../api/core/v1/pod';
import { containerEnv, type EnvSources } from '../../../../kubelet/pods/container-env';
import { expand } from '../../../../kubelet/pods/expansion';
import { container, podOf } from './pod-fixtures';

const sources = (more: Partial<EnvSources> = {}): EnvSources => ({
  facts: {
    pod: podOf({}, { metadata: { name: 'web', namespace: 'default', uid: 'u1', labels: { b: '2', a: '1' } } }),
    podIPs: ['10.0.0.2'],
    hostIPs: ['192.0.2.1'],
    nodeName: 'n1',
    allocatable: { cpu: '4', memory: '8Gi' },
  },
  configMap: async (name) => (name === 'cm' ? { data: { key: 'from-map', other: 'x' } } : undefined),
  secret: async (name) => (name === 's' ? { data: { key: Buffer.from('hidden').toString('base64') } } : undefined),
  services: [],
  containers: [],
  ...more,
});

const envOf = async (spec: Partial<Container>, more: Partial<EnvSources> = {}): Promise<Record<string, string>> =>
  Object.fromEntries(await containerEnv(container('app', spec), sources(more)));

describe('expand', () => {
  it.each([
    ['$(A)-$(B)', 'one-$(B)'],
    ['$$(A)', '$(A)'],
    ['$A', '$A'],
    ['$(A', '$(A'],
    ['cost: 5$', 'cost: 5$'],
    ['$(A)$(A)', 'oneone'],
  ])('turns %s into %s', (input, expected) => {
    expect(expand(input, (name) => (name === 'A' ? 'one' : undefined))).toBe(expected);
  });
});

describe('containerEnv', () => {
  it('resolves fields, resources, maps and secrets', async () => {
    const env = await envOf({
      resources: { limits: { cpu: '1500m' } },
      env: [
        { name: 'NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
        { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
        { name: 'LABEL', valueFrom: { fieldRef: { fieldPath: "metadata.labels['a']" } } },
        { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
        { name: 'MEM', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } } },
        { name: 'MAP', valueFrom: { configMapKeyRef: { name: 'cm', key: 'key' } } },
        { name: 'SECRET', valueFrom: { secretKeyRef: { name: 's', key: 'key' } } },
        { name: 'NONE', valueFrom: { configMapKeyRef: { name: 'gone', key: 'key', optional: true } } },
        { name: 'ALL', value: '$(NAME) on $(IP), $(UNKNOWN)' },
      ],
    });
    expect(env).toEqual({
      NAME: 'web',
      IP: '10.0.0.2',
      LABEL: '1',
      CPU: '2',
      MEM: '8192',
      MAP: 'from-map',
      SECRET: 'hidden',
      ALL: 'web on 10.0.0.2, $(UNKNOWN)',
    });
  });

  it('takes whole maps with a prefix, which env overrides', async () => {
    const env = await envOf({
      envFrom: [{ prefix: 'P_', configMapRef: { name: 'cm' } }, { secretRef: { name: 'gone', optional: true } }],
      env: [{ name: 'P_other', value: 'mine' }],
    });
    expect(env).toEqual({ P_key: 'from-map', P_other: 'mine' });
  });

  it.each<[Partial<Container>, string]>([
    [{ envFrom: [{ configMapRef: { name: 'gone' } }] }, 'configmap "gone" not found'],
    [{ env: [{ name: 'X', valueFrom: { secretKeyRef: { name: 'gone', key: 'k' } } }] }, 'secret "gone" not found'],
    [
      { env: [{ name: 'X', valueFrom: { configMapKeyRef: { name: 'cm', key: 'k' } } }] },
      "couldn't find key k in ConfigMap default/cm",
    ],
  ])('refuses what is missing', async (spec, message) => {
    await expect(envOf(spec)).rejects.toThrow(message);
  });

  it('describes services as Docker links did', async () => {
    const service = {
      metadata: { name: 'my-db' },
      spec: { clusterIP: '10.96.0.5', ports: [{ name: 'sql', port: 5432, protocol: 'TCP' }] },
    };
    expect(await envOf({}, { services: [service as never] })).toEqual({
      MY_DB_SERVICE_HOST: '10.96.0.5',
      MY_DB_SERVICE_PORT: '5432',
      MY_DB_SERVICE_PORT_SQL: '5432',
      MY_DB_PORT: 'tcp://10.96.0.5:5432',
      MY_DB_PORT_5432_TCP: 'tcp://10.96.0.5:5432',
      MY_DB_PORT_5432_TCP_PROTO: 'tcp',
      MY_DB_PORT_5432_TCP_PORT: '5432',
      MY_DB_PORT_5432_TCP_ADDR: '10.96.0.5',
    });
  });
});

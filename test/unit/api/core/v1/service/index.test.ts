import { type Service, services, type ServiceSpec } from '../../../../../../api/core/v1/service';
import { formatFieldError } from '../../../../../../api/meta/field-error';

const make = (spec: Partial<ServiceSpec> = {}): Service => {
  const service: Service = {
    metadata: { name: 's', namespace: 'n' },
    spec: { selector: { app: 'a' }, ports: [{ port: 80 }], ...spec },
  };
  services.defaults?.(service);
  services.prepareForCreate?.(service);
  return service;
};
const print = (errors: Parameters<typeof formatFieldError>[0][] = []) => errors.map((error) => formatFieldError(error));

it('has upstream defaults', () => {
  expect(make().spec).toEqual({
    selector: { app: 'a' },
    type: 'ClusterIP',
    sessionAffinity: 'None',
    internalTrafficPolicy: 'Cluster',
    ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
  });
  expect(make({ type: 'NodePort' }).spec?.externalTrafficPolicy).toBe('Cluster');
});

it.each<[string, Partial<ServiceSpec>, string[]]>([
  ['nothing wrong', {}, []],
  ['no ports', { ports: [] }, ['spec.ports: Required value']],
  ['no ports of a headless service', { ports: [], clusterIP: 'None' }, []],
  [
    'several ports without names',
    { ports: [{ port: 80 }, { port: 81 }] },
    ['spec.ports[0].name: Required value', 'spec.ports[1].name: Required value'],
  ],
  [
    'a repeated port',
    {
      ports: [
        { name: 'a', port: 80 },
        { name: 'b', port: 80 },
      ],
    },
    [
      'spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,"TargetPort":0,"NodePort":0}',
    ],
  ],
  [
    'a node port of a cluster address',
    { ports: [{ port: 80, nodePort: 30000 }] },
    ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
  ],
  ['an external name without name', { type: 'ExternalName' }, ['spec.externalName: Required value']],
  [
    'an unknown type',
    { type: 'Magic' },
    [
      'spec.type: Unsupported value: "Magic": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
    ],
  ],
  [
    'a loopback external address',
    { externalIPs: ['127.0.0.1'] },
    ['spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)'],
  ],
])('validates %s', (_, spec, expected) => {
  expect(print(services.validate?.(make(spec)))).toEqual(expected);
});

describe('updates', () => {
  const stored = make({
    type: 'NodePort',
    clusterIP: '10.96.0.7',
    ports: [{ port: 80, nodePort: 30080 }],
  });
  const update = (spec: Partial<ServiceSpec>): Service => {
    const service: Service = { metadata: stored.metadata, spec: { ports: [{ port: 80 }], ...spec } };
    services.defaults?.(service);
    services.prepareForUpdate?.(service, stored);
    return service;
  };

  it('keep allocated values that a replace leaves out', () => {
    const { spec } = update({ type: 'NodePort' });
    expect(spec).toMatchObject({ clusterIP: '10.96.0.7', clusterIPs: ['10.96.0.7'], ports: [{ nodePort: 30080 }] });
    expect(print(services.validateUpdate?.(update({ type: 'NodePort' }), stored))).toEqual([]);
  });

  it('drop node ports with the type that needed them', () => {
    const service = structuredClone(stored);
    service.spec!.type = 'ClusterIP';
    services.prepareForUpdate?.(service, stored);
    expect(service.spec?.ports?.[0]).not.toHaveProperty('nodePort');
    expect(service.spec).not.toHaveProperty('externalTrafficPolicy');
  });

  it('refuse another cluster address', () => {
    const service = update({ type: 'NodePort', clusterIP: '10.96.0.8', clusterIPs: ['10.96.0.8'] });
    expect(print(services.validateUpdate?.(service, stored))).toEqual([
      'spec.clusterIPs[0]: Invalid value: ["10.96.0.8"]: may not change once set',
    ]);
  });
});

it('prints addresses and ports', () => {
  const row = (spec: Partial<ServiceSpec>) =>
    services.columns?.slice(1, 5).map(({ value }) => value({ ...make(spec) }, 0));
  expect(row({ clusterIP: '10.96.0.7' })).toEqual(['ClusterIP', '10.96.0.7', '<none>', '80/TCP']);
  expect(row({ type: 'NodePort', clusterIP: '10.96.0.7', ports: [{ port: 80, nodePort: 30080 }] })).toEqual([
    'NodePort',
    '10.96.0.7',
    '<none>',
    '80:30080/TCP',
  ]);
  expect(row({ type: 'LoadBalancer', clusterIP: '10.96.0.7' })).toEqual([
    'LoadBalancer',
    '10.96.0.7',
    '<pending>',
    '80/TCP',
  ]);
  expect(row({ type: 'ExternalName', externalName: 'example.com', ports: [] })).toEqual([
    'ExternalName',
    '<none>',
    'example.com',
    '<none>',
  ]);
});

import type { Service } from '../../../api/core/v1/service';
import type { EndpointSlice } from '../../../api/discovery/v1/endpointslice';
import type { Place } from '../../../kube-proxy/places';
import { entriesOf, healthCheckOf } from '../../../kube-proxy/service-map';

const service = (spec: object, status?: object): Service => ({
  metadata: { namespace: 'default', name: 'web' },
  spec: { clusterIP: '10.96.0.7', type: 'ClusterIP', ports: [{ name: 'http', port: 80, protocol: 'TCP' }], ...spec },
  ...(status && { status }),
});

const slice = (...endpoints: object[]): EndpointSlice =>
  ({
    metadata: { namespace: 'default', name: 'web-1', labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    endpoints,
  }) as EndpointSlice;

const ready = (address: string, more: object = {}): object => ({
  addresses: [address],
  conditions: { ready: true, serving: true, terminating: false },
  ...more,
});

const node = (name: string): Place => ({ name, nodes: [name], zone: undefined, podCidrs: [], addresses: [] });
const nodes = [node('here'), node('beside')];

describe('entriesOf', () => {
  it('balances to the ready endpoints of the named port', () => {
    const unready = { addresses: ['10.244.0.3'], conditions: { ready: false } };
    const [entry] = entriesOf(service({}), [slice(ready('10.244.0.2'), unready)], nodes);
    expect(entry).toMatchObject({
      id: 'default/web:80/TCP',
      clusterIP: '10.96.0.7',
      affinityMs: undefined,
      nodePort: undefined,
      isInternalLocal: false,
      isExternalLocal: false,
      hasEndpoints: true,
    });
    expect(entry?.targets.get('here')).toEqual({ cluster: [{ address: '10.244.0.2', port: 8080 }], local: [] });
  });

  it('knows for each node of the host which endpoints are on it', () => {
    const spec = { type: 'NodePort', externalTrafficPolicy: 'Local' };
    const slices = [slice(ready('10.244.0.2', { nodeName: 'here' }), ready('10.244.1.2', { nodeName: 'there' }))];
    const [entry] = entriesOf(service(spec), slices, nodes);
    expect(entry?.isExternalLocal).toBe(true);
    const local = (name: string) => entry?.targets.get(name)?.local.map(({ address }) => address);
    expect([local('here'), local('beside')]).toEqual([['10.244.0.2'], []]);
    expect(entry?.targets.get('beside')?.cluster).toHaveLength(2);
  });

  it('takes an endpoint once that is in two slices while it moves', () => {
    const [entry] = entriesOf(service({}), [slice(ready('10.244.0.2')), slice(ready('10.244.0.2'))], nodes);
    expect(entry?.targets.get('here')?.cluster).toHaveLength(1);
  });

  it('leaves the addresses of balancers that want to see the traffic themselves to them', () => {
    const ingress = [
      { ip: '192.0.2.1', ipMode: 'VIP' },
      { ip: '192.0.2.2', ipMode: 'Proxy' },
      { hostname: 'lb.example.com' },
    ];
    const [entry] = entriesOf(service({ type: 'LoadBalancer' }, { loadBalancer: { ingress } }), [], nodes);
    expect(entry?.loadBalancerIPs).toEqual(['192.0.2.1']);
  });

  it('leaves out what is of IPv6', () => {
    const spec = {
      type: 'LoadBalancer',
      externalIPs: ['2001:db8::1', '192.0.2.3'],
      loadBalancerSourceRanges: ['2001:db8::/32', ' 192.0.2.0/24'],
    };
    const status = { loadBalancer: { ingress: [{ ip: '2001:db8::2' }, { ip: '192.0.2.4' }] } };
    expect(entriesOf(service(spec, status), [], nodes)[0]).toMatchObject({
      externalIPs: ['192.0.2.3'],
      loadBalancerIPs: ['192.0.2.4'],
      loadBalancerSources: ['192.0.2.0/24'],
    });
    const [onlyV6] = entriesOf(service({ loadBalancerSourceRanges: ['2001:db8::/32'] }), [], nodes);
    expect(onlyV6?.loadBalancerSources).toEqual([]);
    expect(entriesOf(service({ clusterIP: 'fd00::1' }), [], nodes)).toEqual([]);
  });

  it('knows session affinity with its default of three hours', () => {
    const [entry] = entriesOf(service({ sessionAffinity: 'ClientIP' }), [], nodes);
    expect(entry?.affinityMs).toBe(10_800_000);
  });

  it.each([
    ['headless', { clusterIP: 'None' }],
    ['external', { type: 'ExternalName', externalName: 'example.com', clusterIP: '' }],
  ])('has nothing to balance for a %s service', (_kind, spec) => {
    expect(entriesOf(service(spec), [slice(ready('10.244.0.2'))], nodes)).toEqual([]);
  });
});

describe('healthCheckOf', () => {
  const balanced = { type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 30_123 };

  it('counts the ready endpoints on each node, each address once', () => {
    const leaving = { addresses: ['10.244.0.3'], nodeName: 'here', conditions: { ready: false, serving: true } };
    const one = ready('10.244.0.2', { nodeName: 'here' });
    const check = healthCheckOf(service(balanced), [slice(one, leaving), slice(one)], nodes);
    expect(check?.port).toBe(30_123);
    expect([...(check?.localEndpoints ?? [])]).toEqual([
      ['here', 1],
      ['beside', 0],
    ]);
  });

  it.each([
    ['of another type', { ...balanced, type: 'NodePort' }],
    ['that takes any endpoint', { ...balanced, externalTrafficPolicy: 'Cluster' }],
    ['without a port', { ...balanced, healthCheckNodePort: undefined }],
  ])('is nothing for a service %s', (_what, spec) => {
    expect(healthCheckOf(service(spec), [], nodes)).toBeUndefined();
  });
});

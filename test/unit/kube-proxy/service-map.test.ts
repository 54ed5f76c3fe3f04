import type { Service } from '../../../api/core/v1/service';
import type { EndpointSlice } from '../../../api/discovery/v1/endpointslice';
import { entriesOf } from '../../../kube-proxy/service-map';

const service = (spec: object): Service => ({
  metadata: { namespace: 'default', name: 'web' },
  spec: { clusterIP: '10.96.0.7', ports: [{ name: 'http', port: 80, protocol: 'TCP' }], ...spec },
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

const local = new Set(['here']);

describe('entriesOf', () => {
  it('balances to the ready endpoints of the named port', () => {
    const unready = { addresses: ['10.244.0.3'], conditions: { ready: false } };
    const [entry] = entriesOf(service({}), [slice(ready('10.244.0.2'), unready)], local);
    expect(entry).toMatchObject({
      id: 'default/web:80/TCP',
      clusterIP: '10.96.0.7',
      internalTargets: [{ address: '10.244.0.2', port: 8080 }],
      affinityMs: undefined,
      nodePort: undefined,
    });
  });

  it('falls back to endpoints that serve while they terminate', () => {
    const leaving = { addresses: ['10.244.0.4'], conditions: { ready: false, serving: true, terminating: true } };
    const [alone] = entriesOf(service({}), [slice(leaving)], local);
    expect(alone?.internalTargets).toEqual([{ address: '10.244.0.4', port: 8080 }]);
    const [together] = entriesOf(service({}), [slice(leaving, ready('10.244.0.5'))], local);
    expect(together?.internalTargets).toEqual([{ address: '10.244.0.5', port: 8080 }]);
  });

  it('keeps external traffic on this host under externalTrafficPolicy: Local', () => {
    const spec = { type: 'NodePort', externalTrafficPolicy: 'Local' };
    const slices = [slice(ready('10.244.0.2', { nodeName: 'here' }), ready('10.244.1.2', { nodeName: 'there' }))];
    const [entry] = entriesOf(service(spec), slices, local);
    expect(entry?.externalTargets.map(({ address }) => address)).toEqual(['10.244.0.2']);
    expect(entry?.internalTargets.map(({ address }) => address)).toEqual(['10.244.0.2', '10.244.1.2']);
  });

  it('knows session affinity with its default of three hours', () => {
    const [entry] = entriesOf(service({ sessionAffinity: 'ClientIP' }), [], local);
    expect(entry?.affinityMs).toBe(10_800_000);
  });

  it.each([
    ['headless', { clusterIP: 'None' }],
    ['external', { type: 'ExternalName', externalName: 'example.com', clusterIP: '' }],
  ])('has nothing to balance for a %s service', (_kind, spec) => {
    expect(entriesOf(service(spec), [slice(ready('10.244.0.2'))], local)).toEqual([]);
  });
});

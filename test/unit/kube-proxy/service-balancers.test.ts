import { type Origins, ServiceBalancers } from '../../../kube-proxy/service-balancers';
import type { ServicePortEntry } from '../../../kube-proxy/service-map';

const target = (address: string) => ({ address, port: 80 });
const here = target('10.244.1.2');
const there = target('10.244.2.2');

const entry = (policies: Partial<ServicePortEntry> = {}): ServicePortEntry => ({
  id: 'default/web:80/TCP',
  protocol: 'TCP',
  clusterIP: '10.96.0.7',
  port: 80,
  externalIPs: [],
  loadBalancerIPs: [],
  loadBalancerSources: undefined,
  nodePort: undefined,
  affinityMs: undefined,
  isInternalLocal: false,
  isExternalLocal: false,
  hasEndpoints: true,
  targets: new Map([
    ['one', { cluster: [here, there], local: [here] }],
    ['two', { cluster: [there], local: [] }],
  ]),
  ...policies,
});

const origins: Origins = {
  placeServing: (client) => (client.startsWith('10.244.2.') ? 'two' : 'one'),
  isInside: (client) => client.startsWith('10.'),
};

const balancersOf = (policies?: Partial<ServicePortEntry>) => new ServiceBalancers(entry(policies), origins, () => 0);

describe('the balancers of a service port', () => {
  it('serve each client with the endpoints of its node', () => {
    const { internal, external } = balancersOf();
    expect(internal('10.244.1.9', '').candidates('')).toEqual([here, there]);
    expect(internal('10.244.2.9', '').candidates('')).toEqual([there]);
    expect(external('198.51.100.7', '').candidates('')).toEqual([there, here]);
  });

  it('keep what comes from outside on its node under externalTrafficPolicy: Local, but not what comes from inside', () => {
    const { internal, external } = balancersOf({ isExternalLocal: true });
    expect(external('198.51.100.7', '').candidates('')).toEqual([here]);
    expect(external('10.244.2.9', '').candidates('')).toEqual([there]);
    expect(internal('10.244.1.9', '').candidates('')).toEqual([here, there]);
  });

  it('keep what comes to the cluster IP on its node under internalTrafficPolicy: Local', () => {
    const { internal, external } = balancersOf({ isInternalLocal: true });
    expect(internal('10.244.1.9', '').candidates('')).toEqual([here]);
    expect(internal('10.244.2.9', '').candidates('')).toEqual([]);
    expect(external('198.51.100.7', '').candidates('')).toHaveLength(2);
  });

  it('follow the endpoints, and serve who comes from a place that is not known yet or no longer', () => {
    const balancers = balancersOf();
    balancers.update(entry({ targets: new Map([['one', { cluster: [there], local: [] }]]) }));
    expect(balancers.internal('10.244.1.9', '').candidates('')).toEqual([there]);
    expect(balancers.internal('10.244.2.9', '').candidates('')).toEqual([there]);
  });
});

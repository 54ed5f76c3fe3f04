import { renderRestore } from '../../../../component-base/iptables';
import { firewallRules } from '../../../../kubelet/network/firewall';
import { bridgeNameOf, chainNameOf, gatewayOf } from '../../../../kubelet/network/names';
import { portMappingsOf } from '../../../../kubelet/network/pod-network';
import { contains, planRoutes, wantedRoutes } from '../../../../kubelet/network/routes';

describe('names', () => {
  it('fit the kernel’s limits', () => {
    expect(bridgeNameOf('cluster', 'node')).toMatch(/^kl-[0-9a-f]{8}$/);
    expect(chainNameOf('cluster', 'node').length).toBeLessThanOrEqual(28);
  });

  it.each([
    ['10.4.2.0/24', '10.4.2.1'],
    ['10.4.2.77/24', '10.4.2.1'],
    ['172.16.0.128/25', '172.16.0.129'],
  ])('the gateway of %s is %s', (cidr, gateway) => expect(gatewayOf(cidr)).toBe(gateway));
});

describe('routes', () => {
  const node = (name: string, podCIDR: string, address?: string) => ({
    metadata: { name, ...(address && { annotations: { 'kubelab.io/host-address': address } }) },
    spec: { podCIDR },
  });

  it('lead to nodes of other hosts only', () => {
    const nodes = [
      node('self', '10.1.0.0/24', '192.0.2.1'),
      node('same-host', '10.1.1.0/24', '192.0.2.1'),
      node('far', '10.1.2.0/24', '192.0.2.2'),
      node('unknown', '10.1.3.0/24'),
    ];
    expect(wantedRoutes(nodes, 'self', '192.0.2.1')).toEqual([{ cidr: '10.1.2.0/24', via: '192.0.2.2' }]);
  });

  it('are replaced when they changed, and removed when they are stale and ours', () => {
    const existing = [
      { cidr: '10.1.2.0/24', via: '192.0.2.2' },
      { cidr: '10.1.3.0/24', via: '192.0.2.3' },
      { cidr: '10.9.0.0/24', via: '192.0.2.9' },
    ];
    const wanted = [
      { cidr: '10.1.2.0/24', via: '192.0.2.2' },
      { cidr: '10.1.4.0/24', via: '192.0.2.4' },
    ];
    expect(planRoutes(wanted, existing, '10.1.0.0/16')).toEqual({
      replace: [{ cidr: '10.1.4.0/24', via: '192.0.2.4' }],
      remove: ['10.1.3.0/24'],
    });
  });

  it.each([
    ['10.0.0.0/8', '10.1.2.0/24', true],
    ['10.1.0.0/16', '10.2.0.0/24', false],
    ['10.1.2.0/24', '10.1.0.0/16', false],
    ['', '10.1.0.0/16', false],
  ])('%s contains %s: %s', (outer, inner, expected) => expect(contains(outer, inner)).toBe(expected));
});

it('masquerades egress, but not to pods and services', () => {
  const facts = {
    chain: 'C',
    podCidr: '10.1.2.0/24',
    clusterCidr: '10.1.0.0/16',
    serviceCidr: '10.96.0.0/16',
  };
  expect(renderRestore(firewallRules(facts)).split('\n')).toEqual([
    '*nat',
    ':C - [0:0]',
    '-A C -d 10.1.0.0/16 -j RETURN',
    '-A C -d 10.96.0.0/16 -j RETURN',
    '-A C -d 224.0.0.0/4 -j RETURN',
    '-A C -j MASQUERADE',
    'COMMIT',
    '*filter',
    ':C - [0:0]',
    '-A C -s 10.1.2.0/24 -j ACCEPT',
    '-A C -d 10.1.2.0/24 -j ACCEPT',
    'COMMIT',
    '',
  ]);
});

it('maps host ports to the node’s own address when nodes share a host', () => {
  const ports = [
    { containerPort: 80, hostPort: 8080 },
    { containerPort: 53, hostPort: 53, protocol: 'UDP', hostIP: '127.0.0.1' },
    { containerPort: 81 },
  ];
  expect(portMappingsOf({ spec: { containers: [{ name: 'a', ports }] } }, '10.1.2.1')).toEqual([
    { hostPort: 8080, containerPort: 80, protocol: 'tcp', hostIP: '10.1.2.1' },
    { hostPort: 53, containerPort: 53, protocol: 'udp', hostIP: '127.0.0.1' },
  ]);
});

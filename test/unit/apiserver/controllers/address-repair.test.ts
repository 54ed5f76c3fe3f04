import type { Service } from '../../../../api/core/v1/service';
import type { Stored } from '../../../../api/meta/types';
import type { IpAddress } from '../../../../api/networking/v1/ipaddress';
import { planAddressRepair } from '../../../../apiserver/controllers/address-repair';
import { newIpAddress } from '../../../../apiserver/registry/kinds/service-addresses';

const nowMs = Date.parse('2026-01-01T01:00:00Z');
const service = (name: string, clusterIP: string) =>
  ({ metadata: { name, namespace: 'a' }, spec: { clusterIP, clusterIPs: [clusterIP] } }) as Stored<Service>;
const address = (ip: string, owner: string, creationTimestamp = '2026-01-01T00:00:00Z') => {
  const made = newIpAddress(service(owner, ip), ip);
  return { ...made, metadata: { ...made.metadata, creationTimestamp } } as Stored<IpAddress>;
};
const brief = (services: Stored<Service>[], addresses: Stored<IpAddress>[]) => {
  const { create, remove, shared } = planAddressRepair(services, addresses, nowMs);
  return {
    create: create.map(
      ({ service: { metadata }, address: ip, instead }) => `${metadata.name} ${ip}${instead ? ' instead' : ''}`,
    ),
    remove: remove.map(({ metadata }) => metadata.name),
    shared: shared.map(({ service: { metadata } }) => metadata.name),
  };
};
const nothing = { create: [], remove: [], shared: [] };

describe('planAddressRepair', () => {
  it('leaves alone what agrees, and addresses of other things', () => {
    const foreign = { ...address('10.0.0.9', 'x'), spec: { parentRef: { resource: 'gateways', name: 'edge' } } };
    foreign.metadata = { ...foreign.metadata, labels: {} };
    expect(brief([service('web', '10.0.0.1')], [address('10.0.0.1', 'web'), foreign])).toEqual(nothing);
    expect(brief([service('headless', 'None')], [])).toEqual(nothing);
  });

  it('makes the missing one, and replaces one that refers elsewhere or lost its labels', () => {
    expect(brief([service('web', '10.0.0.1')], [])).toEqual({ ...nothing, create: ['web 10.0.0.1'] });
    const elsewhere = address('10.0.0.1', 'gone');
    expect(brief([service('web', '10.0.0.1')], [elsewhere])).toEqual({ ...nothing, create: ['web 10.0.0.1 instead'] });
    const bare = address('10.0.0.1', 'web');
    const unlabelled = { ...bare, metadata: { ...bare.metadata, labels: {} } };
    expect(brief([service('web', '10.0.0.1')], [unlabelled])).toEqual({ ...nothing, create: ['web 10.0.0.1 instead'] });
  });

  it('tells of an address that two services hold', () => {
    const both = [service('web', '10.0.0.1'), service('second', '10.0.0.1')];
    expect(brief(both, [address('10.0.0.1', 'web')])).toEqual({ ...nothing, shared: ['second'] });
  });

  it('removes what no service holds, unless its service may still come', () => {
    const moved = [service('web', '10.0.0.2')];
    const held = address('10.0.0.2', 'web');
    expect(brief(moved, [held, address('10.0.0.1', 'web')])).toEqual({ ...nothing, remove: ['10.0.0.1'] });
    expect(brief(moved, [held, address('10.0.0.1', 'web', '2026-01-01T00:59:30Z')])).toEqual(nothing);
  });
});

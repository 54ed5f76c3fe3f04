import type { Node } from '../../../api/core/v1/node';
import type { Stored } from '../../../api/meta/types';
import { placesOf, placeServing } from '../../../kube-proxy/places';

const on = (name: string, host: string, index: number) =>
  ({
    metadata: {
      name,
      annotations: { 'kubelab.io/host-address': host },
      labels: { 'topology.kubernetes.io/zone': `z${index}` },
    },
    spec: { podCIDR: `10.244.${index}.0/24`, podCIDRs: [`10.244.${index}.0/24`] },
    status: { addresses: [{ type: 'InternalIP', address: `10.244.${index}.1` }] },
  }) as unknown as Stored<Node>;

describe('the places where a proxy serves', () => {
  const all = [on('a', '192.0.2.1', 1), on('c', '192.0.2.2', 3), on('b', '192.0.2.1', 2)];
  const places = placesOf(all, 'b');

  it('are the host, its own node and those with the same host address', () => {
    expect(places.map(({ name, nodes, zone }) => ({ name, nodes, zone }))).toEqual([
      { name: '', nodes: ['b', 'a'], zone: 'z2' },
      { name: 'b', nodes: ['b'], zone: 'z2' },
      { name: 'a', nodes: ['a'], zone: 'z1' },
    ]);
    expect(places[1]).toMatchObject({ podCidrs: ['10.244.2.0/24'], addresses: ['10.244.2.1'] });
  });

  it('are one where the node is alone, and as long as the API does not know it', () => {
    expect(placesOf(all, 'c').map(({ name }) => name)).toEqual(['c']);
    expect(placesOf(all, 'new').map(({ nodes }) => nodes)).toEqual([['new']]);
  });

  it.each([
    ['a pod', '10.244.1.9', '10.96.0.1', 'a'],
    ['a pod that asks for the address of another node', '10.244.1.9', '10.244.2.1', 'a'],
    ['somebody outside, by the address that was asked for', '198.51.100.7', '10.244.1.1', 'a'],
    ['anybody else', '198.51.100.7', '192.0.2.1', ''],
  ])('are told for %s', (_who, client, asked, name) => expect(placeServing(places, client, asked)).toBe(name));

  it('are the same for all where there is one', () => {
    expect(placeServing(placesOf(all, 'c'), '10.244.1.9', '10.96.0.1')).toBe('c');
  });
});

import type { Endpoint } from '../../../api/discovery/v1/endpointslice';
import type { Place } from '../../../kube-proxy/places';
import { usableEndpoints } from '../../../kube-proxy/topology';

const here = { nodes: ['here'], zone: 'a' };

interface Sample {
  on?: string;
  zones?: string[];
  nodes?: string[];
  leaving?: boolean;
}

/** By name. */
const usable = (samples: Record<string, Sample>, place: Pick<Place, 'nodes' | 'zone'> = here) => {
  const all = Object.entries(samples).map(([name, { on, zones, nodes, leaving }]) => {
    const hints = {
      ...(zones && { forZones: zones.map((zone) => ({ name: zone })) }),
      ...(nodes && { forNodes: nodes.map((node) => ({ name: node })) }),
    };
    const conditions = leaving ? { ready: false, serving: true, terminating: true } : { ready: true };
    const endpoint: Endpoint = { addresses: ['10.0.0.1'], conditions, hints, ...(on && { nodeName: on }) };
    return { name, endpoint };
  });
  const { cluster, local } = usableEndpoints(all, place);
  const names = (list: { name: string }[]): string => list.map(({ name }) => name).join(' ');
  return { cluster: names(cluster), local: names(local) };
};

describe('usableEndpoints', () => {
  it('tells those of the node from those of the cluster', () => {
    expect(usable({ x: { on: 'here' }, y: { on: 'there' }, z: {} })).toEqual({ cluster: 'x y z', local: 'x' });
  });

  it('falls back to endpoints that serve while they terminate, for each policy on its own', () => {
    expect(usable({ x: { on: 'here', leaving: true }, y: { on: 'there' } })).toEqual({ cluster: 'y', local: 'x' });
    expect(usable({ x: { on: 'here', leaving: true }, y: { on: 'there', leaving: true } })).toEqual({
      cluster: 'x y',
      local: 'x',
    });
  });

  it('takes an endpoint whose conditions say only that it terminates for one that serves', () => {
    const endpoint = { addresses: ['10.0.0.1'], conditions: { ready: false, terminating: true } };
    expect(usableEndpoints([{ endpoint }], here).cluster).toHaveLength(1);
  });

  it.each<[string, Record<string, Sample>, string]>([
    ['those for the zone', { x: { zones: ['a'] }, y: { zones: ['b'] } }, 'x'],
    [
      'those for the node before those for the zone',
      { x: { nodes: ['here'], zones: ['a'] }, y: { nodes: ['there'], zones: ['a'] } },
      'x',
    ],
    [
      'those for the zone when none is for the node',
      { x: { nodes: ['there'], zones: ['a'] }, y: { nodes: ['there'], zones: ['b'] } },
      'x',
    ],
    ['all when none is near', { x: { zones: ['b'] }, y: { zones: ['c'] } }, 'x y'],
    ['all when one has no hint', { x: { zones: ['a'] }, y: {} }, 'x y'],
    [
      'those for the zone whatever leaving ones say',
      { x: { zones: ['a'] }, y: { zones: ['b'] }, z: { leaving: true } },
      'x',
    ],
  ])('prefers %s', (_what, samples, cluster) => expect(usable(samples).cluster).toBe(cluster));

  it('follows no hint for zones on a node without one', () => {
    expect(usable({ x: { zones: ['a'] }, y: { zones: ['b'] } }, { nodes: ['here'], zone: undefined }).cluster).toBe(
      'x y',
    );
  });

  it('counts every node of a place', () => {
    const host = { nodes: ['here', 'beside'], zone: 'a' };
    const samples = { x: { on: 'beside', nodes: ['beside'] }, y: { on: 'there', nodes: ['there'] } };
    expect(usable(samples, host)).toEqual({ cluster: 'x', local: 'x' });
  });
});

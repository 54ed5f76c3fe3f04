/** Which endpoints the proxy at a place uses for which traffic. Pure. Upstream: `CategorizeEndpoints` in `pkg/proxy/topology.go`. */
import type { Endpoint } from '../api/discovery/v1/endpointslice';
import type { Place } from './places';

export interface UsableEndpoints<T> {
  /** For traffic that may go anywhere: those near the node, where the Service prefers them. */
  cluster: T[];
  /** For traffic that a policy of Local keeps on the node. */
  local: T[];
}

type Near = Pick<Place, 'nodes' | 'zone'>;

interface HasEndpoint {
  endpoint: Endpoint;
}

export const isReady = ({ endpoint: { conditions } }: HasEndpoint): boolean => conditions?.ready !== false;

const isServingTerminating = ({ endpoint: { conditions } }: HasEndpoint): boolean =>
  conditions?.serving !== false && conditions?.terminating === true;

export const isOn =
  ({ nodes }: Pick<Place, 'nodes'>) =>
  ({ endpoint }: HasEndpoint): boolean =>
    endpoint.nodeName !== undefined && nodes.includes(endpoint.nodeName);

/** The ready endpoints; when there are none, those that still serve while they terminate (KEP-1669), each time on its own. */
export function usableEndpoints<T extends HasEndpoint>(all: readonly T[], place: Near): UsableEndpoints<T> {
  const ready = all.filter(isReady);
  const here = all.filter(isOn(place));
  const localReady = here.filter(isReady);
  return {
    cluster: ready.length ? preferred(ready, place) : all.filter(isServingTerminating),
    local: localReady.length ? localReady : here.filter(isServingTerminating),
  };
}

/** Hints count when every endpoint has one and at least one of them is for this node, or else for its zone. */
function preferred<T extends HasEndpoint>(ready: T[], { nodes, zone }: Near): T[] {
  const hintedFor = (field: 'forNodes' | 'forZones', wanted: readonly string[]): T[] => {
    const names = ready.map(({ endpoint }) => (endpoint.hints?.[field] ?? []).map((hint) => hint.name));
    if (names.some((hints) => hints.length === 0)) return [];
    return ready.filter((_, index) => names[index]?.some((hint) => wanted.includes(hint)));
  };
  const onNode = hintedFor('forNodes', nodes);
  if (onNode.length) return onNode;
  const inZone = zone === undefined ? [] : hintedFor('forZones', [zone]);
  return inZone.length ? inZone : ready;
}

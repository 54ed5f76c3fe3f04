/**
 * Where this proxy takes connections. It serves all nodes of its host, yet each client as the proxy of its own node would do it:
 * by that node's endpoints under a policy of Local, and near that node under a traffic distribution. Pure.
 */
import type { Node } from '../api/core/v1/node';
import { prefixContains } from '../api/networking/v1/prefixes';
import type { Stored } from '../api/meta/types';

const hostAddressAnnotation = 'kubelab.io/host-address';
const zoneLabel = 'topology.kubernetes.io/zone';

/** A node of the host or, where there are several, the host as a whole. */
export interface Place {
  name: string;
  /** Endpoints on these nodes are local. */
  nodes: string[];
  zone: string | undefined;
  podCidrs: string[];
  addresses: string[];
}

/** The host comes first. The named node is there even when the API does not know it. */
export function placesOf(nodes: readonly Stored<Node>[], name: string): Place[] {
  const hostOf = (node: Node | undefined): string | undefined => node?.metadata?.annotations?.[hostAddressAnnotation];
  const own = nodes.find(({ metadata }) => metadata.name === name);
  const host = hostOf(own);
  const others = nodes
    .filter((node) => node !== own && host !== undefined && hostOf(node) === host)
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const places = own ? [own, ...others].map(placeOf) : [{ ...nowhere, name, nodes: [name] }];
  if (places.length === 1) return places;
  return [{ ...nowhere, nodes: places.flatMap((place) => place.nodes), zone: places[0]?.zone }, ...places];
}

const nowhere: Place = { name: '', nodes: [], zone: undefined, podCidrs: [], addresses: [] };

const placeOf = ({ metadata, spec, status }: Stored<Node>): Place => ({
  name: metadata.name,
  nodes: [metadata.name],
  zone: metadata.labels?.[zoneLabel],
  podCidrs: spec?.podCIDRs ?? (spec?.podCIDR ? [spec.podCIDR] : []),
  addresses: (status?.addresses ?? []).map(({ address }) => address),
});

/** The name of the node of the client's pod, or of the one whose address was asked for; else of the host. */
export function placeServing(places: readonly Place[], clientAddress: string, askedAddress: string): string {
  const [host, ...nodes] = places;
  const serving =
    nodes.find(({ podCidrs }) => podCidrs.some((cidr) => prefixContains(cidr, clientAddress))) ??
    nodes.find(({ addresses }) => addresses.includes(askedAddress));
  return (serving ?? host)?.name ?? '';
}

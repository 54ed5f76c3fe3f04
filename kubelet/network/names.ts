/** What this node's bridge and chains are called. Several clusters and nodes share a host: the names tell them apart. */
import { createHash } from 'node:crypto';

const hex8 = (text: string): string => createHash('sha1').update(text).digest('hex').slice(0, 8);

/** At most 15 characters, as interface names must be. */
export const bridgeNameOf = (clusterId: string, nodeName: string): string => `kl-${hex8(clusterId + nodeName)}`;

/** At most 28 characters, as chain names must be. The same name serves in nat and in filter. */
export const chainNameOf = (clusterId: string, nodeName: string): string =>
  `KUBELAB-${clusterId.toUpperCase().slice(0, 8)}-${hex8(clusterId + nodeName)}`;

/** The first host address of an IPv4 CIDR: `10.4.2.1` of `10.4.2.0/24`, which host-local makes the gateway. */
export function gatewayOf(cidr: string): string {
  const [address = '', bits = '32'] = cidr.split('/');
  const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - Number(bits));
  const first = Math.floor(number / size) * size + 1;
  return [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join('.');
}

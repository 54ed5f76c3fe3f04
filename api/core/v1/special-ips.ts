/** Addresses that services and endpoints may not point at. Upstream: ValidateNonSpecialIP. */
import { BlockList, isIP } from 'node:net';
import { type FieldError, type FieldPath, invalid } from '../../meta/field-error';

const range = (...subnets: [string, number][]): BlockList => {
  const list = new BlockList();
  for (const [network, prefix] of subnets) list.addSubnet(network, prefix, network.includes(':') ? 'ipv6' : 'ipv4');
  return list;
};

const special: [BlockList, string][] = [
  [range(['0.0.0.0', 32], ['::', 128]), 'may not be unspecified (0.0.0.0 or ::)'],
  [range(['127.0.0.0', 8], ['::1', 128]), 'may not be in the loopback range (127.0.0.0/8, ::1/128)'],
  [range(['169.254.0.0', 16], ['fe80::', 10]), 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'],
  [range(['224.0.0.0', 24], ['ff02::', 16]), 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'],
];

/** `address` is a valid IP already. */
export function validateNonSpecialIp(path: FieldPath, address: string): FieldError[] {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  return special.filter(([list]) => list.check(address, family)).map(([, message]) => invalid(path, address, message));
}

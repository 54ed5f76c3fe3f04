/** Which addresses and smaller ranges a CIDR holds. Pure. Upstream: `pkg/api/servicecidr`. */
import { BlockList, isIP } from 'node:net';

interface Prefix {
  address: string;
  bits: number;
  family: 'ipv4' | 'ipv6';
}

function parsePrefix(cidr: string): Prefix | undefined {
  const [address = '', bits = ''] = cidr.split('/');
  const version = isIP(address);
  if (!version || !/^\d+$/.test(bits)) return undefined;
  return { address, bits: Number(bits), family: version === 6 ? 'ipv6' : 'ipv4' };
}

const holds = ({ address, bits, family }: Prefix, ip: string): boolean => {
  const block = new BlockList();
  block.addSubnet(address, bits, family);
  return block.check(ip, family);
};

export function prefixContains(cidr: string, ip: string): boolean {
  const prefix = parsePrefix(cidr);
  return prefix !== undefined && isIP(ip) === (prefix.family === 'ipv6' ? 6 : 4) && holds(prefix, ip);
}

/** True for the same range, too. */
export function prefixContainsPrefix(outer: string, inner: string): boolean {
  const [wide, narrow] = [parsePrefix(outer), parsePrefix(inner)];
  if (!wide || !narrow || wide.family !== narrow.family || wide.bits > narrow.bits) return false;
  return holds(wide, narrow.address);
}

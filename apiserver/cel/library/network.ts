/** Kubernetes' IP and CIDR libraries, as Go's `netip` reads addresses: no leading zeros, no zones, no IPv4 in IPv6. */
import { isIP } from 'node:net';
import { Failure } from '../errors';
import { declare } from '../functions';
import { CelOpaque } from '../values';
import { traverse } from './ranges';

/** An address as one number. */
interface Address {
  family: 4 | 6;
  value: bigint;
}

const bitsOf = (family: 4 | 6): number => (family === 4 ? 32 : 128);

function parseAddress(text: string): Address | undefined {
  const family = text.length <= 64 && !text.includes('%') ? isIP(text) : 0;
  if (family === 4) return { family, value: text.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n) };
  // Addresses of IPv4 in the clothes of IPv6 are refused.
  if (family !== 6 || text.includes('.')) return undefined;
  const [left = '', right] = text.split('::');
  const groups = (part: string): string[] => (part ? part.split(':') : []);
  const [head, tail] = [groups(left), groups(right ?? '')];
  const zeros = right === undefined ? 0 : 8 - head.length - tail.length;
  const all = [...head, ...Array<string>(zeros).fill('0'), ...tail];
  const value = all.reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n);
  return value >> 32n === 0xffffn ? undefined : { family, value };
}

/** RFC 5952 for IPv6. */
function formatAddress({ family, value }: Address): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.');
  const groups = Array.from({ length: 8 }, (_, i) => ((value >> BigInt(112 - 16 * i)) & 0xffffn).toString(16));
  const runs = [...groups.join(':').matchAll(/(?:^|(?<=:))0(?::0)+(?=:|$)/g)].map(([run]) => run);
  const longest = runs.toSorted((a, b) => b.length - a.length)[0];
  if (!longest) return groups.join(':');
  const text = groups.join(':');
  const at = text.search(new RegExp(`(?:^|(?<=:))${longest}(?=:|$)`));
  return `${text.slice(0, at).replace(/:$/, '')}::${text.slice(at + longest.length).replace(/^:/, '')}`;
}

const mask = ({ family, value }: Address, prefix: number): bigint => {
  const rest = BigInt(bitsOf(family) - prefix);
  return (value >> rest) << rest;
};

class IpValue extends CelOpaque {
  readonly typeName = 'net.IP';
  override readonly size: number;

  constructor(readonly address: Address) {
    super();
    this.size = bitsOf(address.family) / 8;
  }

  equals(other: CelOpaque): boolean {
    return (
      other instanceof IpValue &&
      other.address.family === this.address.family &&
      other.address.value === this.address.value
    );
  }
}

class CidrValue extends CelOpaque {
  readonly typeName = 'net.CIDR';
  override readonly size: number;

  constructor(
    readonly address: Address,
    readonly prefix: number,
  ) {
    super();
    this.size = bitsOf(address.family) / 8 + 1;
  }

  equals(other: CelOpaque): boolean {
    return (
      other instanceof CidrValue &&
      other.prefix === this.prefix &&
      other.address.value === this.address.value &&
      other.address.family === this.address.family
    );
  }

  contains(address: Address): boolean {
    return address.family === this.address.family && mask(address, this.prefix) === mask(this.address, this.prefix);
  }
}

function parseCidr(text: string): CidrValue | undefined {
  const match = text.length <= 64 ? /^(.*)\/(0|[1-9]\d{0,2})$/.exec(text) : null;
  const address = match ? parseAddress(match[1]!) : undefined;
  const prefix = Number(match?.[2]);
  return address && prefix <= bitsOf(address.family) ? new CidrValue(address, prefix) : undefined;
}

const toIp = (text: string): IpValue => {
  const address = parseAddress(text);
  if (!address) throw new Failure(`IP Address ${JSON.stringify(text)} parse error during conversion from string`);
  return new IpValue(address);
};
const toCidr = (text: string): CidrValue => {
  const cidr = parseCidr(text);
  if (!cidr) throw new Failure(`CIDR ${JSON.stringify(text)} parse error during conversion from string`);
  return cidr;
};

/** In the network of the prefix. */
const within = (address: Address, cidr: string): boolean => toCidr(cidr).contains(address);
const either = ({ address }: IpValue, v4: string, v6: string): boolean =>
  within(address, address.family === 4 ? v4 : v6);

const containsCidr = (outer: CidrValue, inner: CidrValue): boolean =>
  inner.prefix >= outer.prefix && outer.contains(inner.address);

export const networkLibrary = declare({
  'ip(string): net.IP': ([text], meter) => {
    traverse(meter, text.length);
    return toIp(text);
  },
  'isIP(string): bool': ([text], meter) => {
    traverse(meter, text.length);
    return parseAddress(text) !== undefined;
  },
  'ip.isCanonical(string): bool': ([text], meter) => {
    traverse(meter, 2 * text.length);
    return formatAddress(toIp(text).address) === text;
  },
  'string(net.IP): string': ([ip]) => formatAddress((ip as IpValue).address),
  'net.IP.family(): int': ([ip]) => BigInt((ip as IpValue).address.family),
  'net.IP.isUnspecified(): bool': ([ip]) => (ip as IpValue).address.value === 0n,
  'net.IP.isLoopback(): bool': ([ip]) => either(ip, '127.0.0.0/8', '::1/128'),
  'net.IP.isLinkLocalMulticast(): bool': ([ip]) => either(ip, '224.0.0.0/24', 'ff02::/16'),
  'net.IP.isLinkLocalUnicast(): bool': ([ip]) => either(ip, '169.254.0.0/16', 'fe80::/10'),
  'net.IP.isGlobalUnicast(): bool': ([ip]) =>
    (ip as IpValue).address.value !== 0n &&
    !either(ip, '255.255.255.255/32', '::1/128') &&
    !either(ip, '127.0.0.0/8', '::1/128') &&
    !either(ip, '224.0.0.0/4', 'ff00::/8') &&
    !either(ip, '169.254.0.0/16', 'fe80::/10'),
  'cidr(string): net.CIDR': ([text], meter) => {
    traverse(meter, text.length);
    return toCidr(text);
  },
  'isCIDR(string): bool': ([text], meter) => {
    traverse(meter, text.length);
    return parseCidr(text) !== undefined;
  },
  'string(net.CIDR): string': ([cidr]) => `${formatAddress((cidr as CidrValue).address)}/${(cidr as CidrValue).prefix}`,
  'net.CIDR.ip(): net.IP': ([cidr]) => new IpValue((cidr as CidrValue).address),
  'net.CIDR.prefixLength(): int': ([cidr]) => BigInt((cidr as CidrValue).prefix),
  'net.CIDR.masked(): net.CIDR': ([cidr]) => {
    const { address, prefix } = cidr as CidrValue;
    return new CidrValue({ ...address, value: mask(address, prefix) }, prefix);
  },
  'net.CIDR.containsIP(net.IP): bool': ([cidr, ip], meter) => {
    meter.spend(2);
    return (cidr as CidrValue).contains((ip as IpValue).address);
  },
  'net.CIDR.containsIP(string): bool': ([cidr, text], meter) => {
    traverse(meter, text.length + 20);
    return (cidr as CidrValue).contains(toIp(text).address);
  },
  'net.CIDR.containsCIDR(net.CIDR): bool': ([outer, inner], meter) => {
    meter.spend(4);
    return containsCidr(outer, inner);
  },
  'net.CIDR.containsCIDR(string): bool': ([outer, text], meter) => {
    traverse(meter, text.length + 40);
    return containsCidr(outer, toCidr(text));
  },
});

/** Choosing pod CIDRs for nodes out of the cluster's, as pure arithmetic. Upstream: `cidrset/cidr_set.go`. */

/** A network as numbers: its first address and its prefix length. */
export interface Cidr {
  base: bigint;
  bits: number;
  /** 32 or 128. */
  width: 32 | 128;
}

export class CidrError extends Error {
  override readonly name = 'CidrError';
}

export function parseCidr(text: string): Cidr {
  const match = /^([0-9a-fA-F.:]+)\/(\d{1,3})$/.exec(text);
  if (!match) throw new CidrError(`invalid CIDR address: ${text}`);
  const address = match[1] ?? '';
  const bits = Number(match[2]);
  const width = address.includes(':') ? 128 : 32;
  const value = width === 32 ? parseV4(address) : parseV6(address);
  if (value === undefined || bits > width) throw new CidrError(`invalid CIDR address: ${text}`);
  const hostBits = BigInt(width - bits);
  return { base: (value >> hostBits) << hostBits, bits, width };
}

export function formatCidr({ base, bits, width }: Cidr): string {
  return `${width === 32 ? formatV4(base) : formatV6(base)}/${bits}`;
}

/** Whether two networks share an address. */
export function overlaps(a: Cidr, b: Cidr): boolean {
  if (a.width !== b.width) return false;
  const hostBits = BigInt(a.width - Math.min(a.bits, b.bits));
  return a.base >> hostBits === b.base >> hostBits;
}

/** The first free network of `maskSize` in `range` that overlaps nothing in use; undefined when the range is full. */
export function nextFreeCidr(range: Cidr, maskSize: number, inUse: readonly Cidr[]): Cidr | undefined {
  if (maskSize < range.bits) throw new CidrError(`node CIDR mask size /${maskSize} is larger than the cluster CIDR`);
  const taken = inUse.filter((other) => overlaps(range, other));
  const step = 1n << BigInt(range.width - maskSize);
  const end = range.base + (1n << BigInt(range.width - range.bits));
  for (let base = range.base; base < end; base += step) {
    const candidate: Cidr = { base, bits: maskSize, width: range.width };
    if (!taken.some((other) => overlaps(candidate, other))) return candidate;
  }
  return undefined;
}

function parseV4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) {
    return undefined;
  }
  return parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

function parseV6(text: string): bigint | undefined {
  const [head = '', tail, ...more] = text.split('::');
  if (more.length) return undefined;
  const left = head ? head.split(':') : [];
  const right = tail ? tail.split(':') : [];
  const missing = 8 - left.length - right.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...left, ...Array.from({ length: missing }, () => '0'), ...right];
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return groups.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n);
}

const formatV4 = (value: bigint): string => [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');

/** The longest run of zero groups is shortened, as RFC 5952 asks. */
function formatV6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, i) => ((value >> BigInt(112 - 16 * i)) & 0xffffn).toString(16));
  const text = groups.join(':');
  const runs = [...text.matchAll(/(?:^|:)0(?::0)+(?=:|$)/g)].sort((a, b) => b[0].length - a[0].length);
  const longest = runs[0];
  if (!longest) return text;
  const before = text.slice(0, longest.index);
  const after = text.slice(longest.index + longest[0].length);
  return `${before}::${after.replace(/^:/, '')}`;
}

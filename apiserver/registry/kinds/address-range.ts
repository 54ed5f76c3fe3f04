/** Addresses and ports as offsets into a range. Pure. Upstream: `ipallocator.NewInMemory`, `portallocator.NewInMemory`. */
import { isIPv4 } from 'node:net';

/** A range whose values have a text and an offset. */
export interface AllocationRange {
  /** As configured; identifies the stored bitmap. */
  readonly text: string;
  readonly size: number;
  /** Offsets below this are chosen automatically only when the others are taken. */
  readonly staticBand: number;
  /** Undefined when the value is outside. */
  offsetOf(value: string): number | undefined;
  valueOf(offset: number): string;
}

const toNumber = (ip: string): number => ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
const toText = (value: number): string => [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');

const band = (size: number, min: number, max: number, step: number): number => {
  const count = Math.max(min, Math.min(max, Math.floor(size / step)));
  return count >= size ? 0 : count;
};

/** An IPv4 CIDR without its network and broadcast addresses. Throws on anything else. */
export function addressRange(cidr: string): AllocationRange {
  const [address = '', bits = ''] = cidr.split('/');
  const prefix = Number(bits);
  if (!isIPv4(address) || !/^\d+$/.test(bits) || prefix > 30)
    throw new Error(`the service range ${cidr} is not an IPv4 CIDR of /30 or more addresses`);
  const total = 2 ** (32 - prefix);
  const network = Math.floor(toNumber(address) / total) * total;
  const size = total - 2;
  return {
    text: `${toText(network)}/${prefix}`,
    size,
    staticBand: band(size, 16, 256, 16),
    offsetOf(ip) {
      if (!isIPv4(ip)) return undefined;
      const offset = toNumber(ip) - network - 1;
      return offset >= 0 && offset < size ? offset : undefined;
    },
    valueOf: (offset) => toText(network + 1 + offset),
  };
}

/** `30000-32767`, `30000+100` or a single port. Throws on anything else. */
export function portRange(text: string): AllocationRange {
  const match = /^(\d+)(?:([-+])(\d+))?$/.exec(text.trim());
  const base = Number(match?.[1]);
  const last = match?.[2] === '-' ? Number(match[3]) : match?.[2] === '+' ? base + Number(match[3]) : base;
  if (!match || base < 1 || last > 65_535 || last < base) throw new Error(`the node port range ${text} is not valid`);
  const size = last - base + 1;
  return {
    text: `${base}-${last}`,
    size,
    staticBand: band(size, 16, 128, 32),
    offsetOf(value) {
      const offset = Number(value) - base;
      return Number.isInteger(offset) && offset >= 0 && offset < size ? offset : undefined;
    },
    valueOf: (offset) => String(base + offset),
  };
}

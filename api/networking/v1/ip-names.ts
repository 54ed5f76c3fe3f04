/** Addresses and ranges in the one form in which they may be names or values of new fields. Upstream: `validation.IsValidIP`. */
import { isIP } from 'node:net';
import { isValidCidr, isValidIp } from '../../meta/names';

/** RFC 5952; `address` is valid and IPv6. */
const canonicalIpv6 = (address: string): string => new URL(`http://[${address}]/`).hostname.slice(1, -1);

const isMappedIpv4 = (canonical: string): boolean => canonical.startsWith('::ffff:');

/** Messages about an address that is not valid or not in canonical form. */
export function isCanonicalIp(text: string): string[] {
  if (/^\d+(\.\d+){3}$/.test(text) && text.split('.').some((part) => /^0\d/.test(part))) {
    return ['must not have leading 0s'];
  }
  const messages = isValidIp(text);
  if (messages.length || isIP(text) === 4) return messages;
  const canonical = canonicalIpv6(text);
  if (isMappedIpv4(canonical)) return ['must not be an IPv4-mapped IPv6 address'];
  return canonical === text ? [] : [`must be in canonical form (${JSON.stringify(canonical)})`];
}

/** The same of a range; its address has no bits beyond the prefix. */
export function isCanonicalCidr(text: string): string[] {
  const messages = isValidCidr(text);
  if (messages.length) return messages;
  const [address = '', bits = ''] = text.split('/');
  const network = networkOf(address, Number(bits));
  if (network !== address) return [`must be in canonical form (${JSON.stringify(`${network}/${bits}`)})`];
  return [];
}

/** The first address of the range, in canonical form. */
function networkOf(address: string, bits: number): string {
  if (isIP(address) === 4) {
    const parts = address.split('.').map(Number);
    return parts.map((part, index) => part & maskOf(bits - index * 8, 8)).join('.');
  }
  const words = wordsOf(canonicalIpv6(address));
  const masked = words.map((word, index) => (word & maskOf(bits - index * 16, 16)).toString(16));
  return canonicalIpv6(masked.join(':'));
}

/** The upper `bits` of a part of `width` bits. */
const maskOf = (bits: number, width: number): number => {
  const kept = Math.max(0, Math.min(width, bits));
  return ((2 ** kept - 1) * 2 ** (width - kept)) >>> 0;
};

function wordsOf(canonical: string): number[] {
  const [head = '', tail] = canonical.split('::');
  const read = (text: string): number[] => (text ? text.split(':').map((word) => parseInt(word, 16)) : []);
  const before = read(head);
  const after = tail === undefined ? [] : read(tail);
  return [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after];
}

import { networkInterfaces } from 'node:os';
import type { ApiServerFlags } from './flags';

/** Where pods and other hosts reach this server: the flag, the address it listens on, or else the host's first. */
export function advertisedAddress({ advertiseAddress, bindAddress }: ApiServerFlags): string {
  if (advertiseAddress) return advertiseAddress;
  if (bindAddress && !/^(0\.0\.0\.0|::1?|127\..*)$/.test(bindAddress)) return bindAddress;
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1';
}

/** This host's addresses and routes: which address to advertise, and whether the cluster's CIDRs are free. */
import { isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { run } from '../component-base/run-command';
import { SetupError } from './setup-error';

interface Route {
  destination: string;
  device: string;
  source: string | undefined;
  /** Who made it: a name or a number. */
  protocol: string | undefined;
}

/** The IPv4 routes of a table, from `ip -j route`. */
async function readRoutes(table: 'main' | 'local' = 'main'): Promise<Route[]> {
  const { stdout } = await run('ip', ['-4', '-j', 'route', 'show', 'table', table]);
  const routes = JSON.parse(stdout || '[]') as { dst: string; dev?: string; prefsrc?: string; protocol?: string }[];
  return routes.map(({ dst, dev = '', prefsrc, protocol }) => ({
    destination: dst,
    device: dev,
    source: prefsrc,
    protocol,
  }));
}

const isContainerDevice = (device: string): boolean => /^(docker|br-|veth|kl-|cni|lo$)/.test(device);

/** Every IPv4 address of the host that does not belong to a container bridge. */
export function hostAddresses(): string[] {
  return Object.entries(networkInterfaces())
    .filter(([device]) => !isContainerDevice(device))
    .flatMap(([, addresses = []]) => addresses)
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address);
}

/** The address by which other hosts and pods reach this one: that of the default route, else the first that is no bridge's. */
export async function detectHostAddress(): Promise<string> {
  const route = (await readRoutes()).find(({ destination }) => destination === 'default');
  const onDefault = networkInterfaces()[route?.device ?? '']?.find(({ family }) => family === 'IPv4')?.address;
  const address = route?.source ?? onDefault ?? hostAddresses()[0];
  if (!address) {
    throw new SetupError('This host has no IPv4 address but loopback.', {
      remedy: 'Give one to an interface, or name it with --advertise-address.',
    });
  }
  return address;
}

/** First and last address of a CIDR as numbers. */
function rangeOf(cidr: string): [number, number] {
  const [base = '', bits = '32'] = cidr.split('/');
  const start = base.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
  const size = 2 ** (32 - Number(bits));
  const first = Math.floor(start / size) * size;
  return [first, first + size - 1];
}

export function cidrsOverlap(a: string, b: string): boolean {
  const [firstA, lastA] = rangeOf(a);
  const [firstB, lastB] = rangeOf(b);
  return firstA <= lastB && firstB <= lastA;
}

/** Whether the host routes any of these CIDRs, be it as another cluster's pods or services. */
export async function anyRouted(cidrs: string[]): Promise<boolean> {
  const routes = [...(await readRoutes()), ...(await readRoutes('local'))];
  return routes.some(
    ({ destination }) => destination !== 'default' && cidrs.some((cidr) => cidrsOverlap(cidr, destination)),
  );
}

/** Each node takes a /24 of the pods' range. */
const longestPrefix = { 'pod-cidr': 24, 'service-cidr': 28 };

/** The number by which kubelets mark their routes to other hosts' nodes. */
const kubeletProtocol = '87';

/** A route that some cluster's kubelet made: it does not show which. */
const isKubeletRoute = ({ device, protocol }: Route): boolean =>
  device.startsWith('kl-') || protocol === kubeletProtocol;

/**
 * Refuses CIDRs that the host already routes elsewhere. A cluster that is `known` here may have left routes behind, so those
 * of kubelets and proxies do not count; to a new one they are another cluster's.
 */
export async function refuseOverlaps(
  cidrs: Record<keyof typeof longestPrefix, string>,
  { known }: { known: boolean },
): Promise<void> {
  const entries = Object.entries(cidrs) as [keyof typeof longestPrefix, string][];
  for (const [flag, cidr] of entries) {
    const [base = '', bits] = cidr.split('/');
    if (!isIPv4(base) || !bits || Number(bits) < 8 || Number(bits) > longestPrefix[flag]) {
      throw new SetupError(`--${flag}=${cidr} is not an IPv4 CIDR between /8 and /${longestPrefix[flag]}.`);
    }
  }
  const [[flagA, cidrA], [flagB, cidrB]] = entries as [[string, string], [string, string]];
  if (cidrsOverlap(cidrA, cidrB)) {
    throw new SetupError(`--${flagA}=${cidrA} overlaps --${flagB}=${cidrB}.`, { remedy: 'Choose ranges apart.' });
  }
  const all = await readRoutes();
  const routes = known ? all.filter((route) => !isKubeletRoute(route)) : [...all, ...(await readRoutes('local'))];
  for (const { destination, device } of routes) {
    if (destination === 'default') continue;
    const hit = entries.find(([, cidr]) => cidrsOverlap(cidr, destination));
    if (hit) {
      throw new SetupError(`The cluster's range ${hit[1]} overlaps this host's route ${destination} on ${device}.`, {
        remedy: `Choose another with --${hit[0]}=<CIDR>.`,
      });
    }
  }
}

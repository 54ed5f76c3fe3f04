/**
 * Brings the packets for service addresses to our listeners: the service CIDR is made local to this host, and one nat chain
 * maps each service's address and port to the high port we listen on. What is addressed to the CIDR and not mapped, and external
 * addresses and node ports without endpoints, are refused, so that no other socket of the host answers for a service. Addresses of further
 * ServiceCIDRs are treated one by one, as their Services come: whole ranges that anybody may add could hide other networks.
 */
import { prefixContains } from '../api/networking/v1/prefixes';
import { applyChains, type ChainRules, ensureRule, removeChains, rulesOf } from '../component-base/iptables';
import type { Logger } from '../component-base/logger';
import { run } from '../component-base/run-command';
import type { Protocol } from './service-map';

/** `address:port` is answered at `listenAddress:listenPort`. */
export interface Mapping {
  protocol: Protocol;
  address: string;
  port: number;
  listenAddress: string;
  listenPort: number;
  /** Only for clients within these CIDRs. */
  sources?: string[];
}

/** New connections that nobody is to take. */
export interface ClosedPort {
  protocol: Protocol;
  /** Undefined: every address of this host. */
  address?: string;
  port: number;
  /** To be told at once that nobody is there, or nothing: somebody is, but not for this client. */
  verdict: 'REJECT' | 'DROP';
  /** Pods and this host may connect. */
  outsideOnly?: boolean;
}

export interface PortalRules {
  mappings: Mapping[];
  /** Cluster IPs of all Services, also of those that nobody stands behind. */
  addresses: string[];
  closed: ClosedPort[];
}

export interface Ranges {
  serviceCidr: string;
  /** Of the pods. */
  clusterCidr: string;
}

interface Chains {
  services: string;
  reject: string;
}

const chainsOf = (clusterId: string): Chains => {
  const id = clusterId.toUpperCase().slice(0, 8);
  return { services: `KUBELAB-${id}-SVC`, reject: `KUBELAB-${id}-SVC-REJECT` };
};

const rejectWith = (protocol: Protocol): string =>
  protocol === 'TCP' ? 'REJECT --reject-with tcp-reset' : 'REJECT --reject-with icmp-port-unreachable';

/** Pure: those that need a route of their own. */
const outside = (addresses: readonly string[], serviceCidr: string): string[] => [
  ...new Set(addresses.filter((address) => !prefixContains(serviceCidr, address))),
];

const matchPort = (protocol: Protocol, port: number): string => {
  const name = protocol.toLowerCase();
  return `-p ${name} -m ${name} --dport ${port}`;
};

function renderClosed({ protocol, address, port, verdict, outsideOnly }: ClosedPort, clusterCidr: string): string {
  return [
    ...(address === undefined ? [] : [`-d ${address}/32`]),
    ...(outsideOnly && clusterCidr ? [`! -s ${clusterCidr}`] : []),
    matchPort(protocol, port),
    ...(outsideOnly ? ['-m addrtype ! --src-type LOCAL'] : []),
    ...(address === undefined ? ['-m addrtype --dst-type LOCAL'] : []),
    `-m conntrack --ctstate NEW -j ${verdict === 'DROP' ? 'DROP' : rejectWith(protocol)}`,
  ].join(' ');
}

/** Pure: the content of our two chains. */
export function renderPortal(rules: PortalRules, chains: Chains, { serviceCidr, clusterCidr }: Ranges): ChainRules {
  const mapped = rules.mappings.flatMap(({ protocol, address, port, listenAddress, listenPort, sources }) =>
    (sources ?? ['']).map((source) => {
      const from = source && `-s ${source} `;
      return `${from}-d ${address}/32 ${matchPort(protocol, port)} -j DNAT --to-destination ${listenAddress}:${listenPort}`;
    }),
  );
  const closed = rules.closed.map((port) => renderClosed(port, clusterCidr));
  // Conntrack's DNAT state tells what was mapped from what was sent to the address as it is.
  const ranges = [serviceCidr, ...outside(rules.addresses, serviceCidr).map((address) => `${address}/32`)];
  const unmapped = ranges.flatMap((range) => {
    const match = `-d ${range} -m conntrack ! --ctstate DNAT,ESTABLISHED,RELATED`;
    return [`${match} -p tcp -j ${rejectWith('TCP')}`, `${match} -j REJECT --reject-with icmp-port-unreachable`];
  });
  return {
    nat: { [chains.services]: mapped },
    filter: {
      [chains.reject]: [...closed, ...unmapped],
    },
  };
}

export interface Portal {
  /** Makes the service CIDR local, so that its addresses can be listened on. */
  prepare(): Promise<void>;
  /** Makes the address of a Service local, wherever it is from. It stays so while `apply` is told of it. */
  reach(address: string): Promise<void>;
  /** Makes the rules current. Not to be called again before it is done. */
  apply(rules: PortalRules): Promise<void>;
  /** Others may have changed the host's rules and routes: the next `apply` puts all of ours in place again. */
  distrust(): void;
  remove(): Promise<void>;
}

export function createPortal(clusterId: string, ranges: Ranges, log: Logger): Portal {
  const { serviceCidr } = ranges;
  const chains = chainsOf(clusterId);
  /** Addresses with a route of their own. */
  const reached = new Set<string>();
  /** What is known to be in place. */
  let last = '';

  const route = (verb: 'replace' | 'del', range: string): Promise<unknown> =>
    run('ip', ['route', verb, 'local', range, 'dev', 'lo'], { allowFailure: verb === 'del' });

  /** Our own rules tell which routes the process before this one has left. */
  async function recall(): Promise<void> {
    for (const rule of await rulesOf('filter', chains.reject)) {
      const address = /-d ([\d.]+)\/32 -m conntrack ! --ctstate/.exec(rule)?.[1];
      if (address) reached.add(address);
    }
  }

  async function leave(addresses: Iterable<string>): Promise<void> {
    for (const address of addresses) {
      reached.delete(address);
      await route('del', `${address}/32`);
    }
  }

  async function hook(): Promise<void> {
    await ensureRule('nat', 'PREROUTING', ['-j', chains.services]);
    await ensureRule('nat', 'OUTPUT', ['-j', chains.services]);
    await ensureRule('filter', 'INPUT', ['-j', chains.reject]);
    // External addresses need not be this host's.
    await ensureRule('filter', 'FORWARD', ['-m', 'conntrack', '--ctstate', 'NEW', '-j', chains.reject]);
  }

  return {
    async prepare() {
      await recall();
      await route('replace', serviceCidr);
    },
    async reach(address) {
      if (prefixContains(serviceCidr, address)) return;
      await route('replace', `${address}/32`);
      reached.add(address);
    },
    async apply(rules) {
      const next = renderPortal(rules, chains, ranges);
      const text = JSON.stringify(next);
      if (text === last) return;
      await applyChains(next);
      if (!last) {
        await route('replace', serviceCidr);
        for (const address of reached) await route('replace', `${address}/32`);
        await hook();
      }
      last = text;
      const wanted = new Set(rules.addresses);
      await leave([...reached].filter((address) => !wanted.has(address)));
      log.debug({ mappings: rules.mappings.length }, 'Synced packet rules');
    },
    distrust() {
      last = '';
    },
    async remove() {
      await recall();
      await removeChains(['nat', 'filter'], [chains.services, chains.reject]);
      await leave([...reached]);
      await route('del', serviceCidr);
    },
  };
}

/**
 * Brings the packets for service addresses to our listeners: the service CIDR is made local to this host, and one nat chain
 * maps each service's address and port to the high port we listen on. What is addressed to the CIDR and not mapped, and node
 * ports without endpoints, are rejected, so that no other socket of the host answers for a service. Addresses of further
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
}

export interface PortalRules {
  mappings: Mapping[];
  /** Of all Services, also of those that nobody stands behind. */
  addresses: string[];
  /** Node ports that nobody stands behind. */
  closedNodePorts: { protocol: Protocol; port: number }[];
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

/** Pure: the content of our two chains. */
export function renderPortal(rules: PortalRules, chains: Chains, serviceCidr: string): ChainRules {
  const mapped = rules.mappings.map(({ protocol, address, port, listenAddress, listenPort }) => {
    const proto = protocol.toLowerCase();
    return `-d ${address}/32 -p ${proto} -m ${proto} --dport ${port} -j DNAT --to-destination ${listenAddress}:${listenPort}`;
  });
  const closed = rules.closedNodePorts.map(({ protocol, port }) => {
    const proto = protocol.toLowerCase();
    return `-p ${proto} -m ${proto} --dport ${port} -m addrtype --dst-type LOCAL -m conntrack --ctstate NEW -j ${rejectWith(protocol)}`;
  });
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

export function createPortal(clusterId: string, serviceCidr: string, log: Logger): Portal {
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
      const next = renderPortal(rules, chains, serviceCidr);
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

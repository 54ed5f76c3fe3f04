/**
 * Brings the packets for service addresses to our listeners: the service CIDR is made local to this host, and one nat chain
 * maps each service's address and port to the high port we listen on. What is addressed to the CIDR and not mapped, and node
 * ports without endpoints, are rejected, so that no other socket of the host answers for a service.
 */
import { applyChains, type ChainRules, ensureRule, removeChains } from '../component-base/iptables';
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
  const unmapped = `-d ${serviceCidr} -m conntrack ! --ctstate DNAT,ESTABLISHED,RELATED`;
  return {
    nat: { [chains.services]: mapped },
    filter: {
      [chains.reject]: [
        ...closed,
        `${unmapped} -p tcp -j ${rejectWith('TCP')}`,
        `${unmapped} -j REJECT --reject-with icmp-port-unreachable`,
      ],
    },
  };
}

export interface Portal {
  /** Makes the service CIDR local, so that its addresses can be listened on. */
  prepare(): Promise<void>;
  /** Makes the rules current. Not to be called again before it is done. */
  apply(rules: PortalRules): Promise<void>;
  remove(): Promise<void>;
}

export function createPortal(clusterId: string, serviceCidr: string, log: Logger): Portal {
  const chains = chainsOf(clusterId);
  let last = '';
  let hooked = false;

  async function hook(): Promise<void> {
    await ensureRule('nat', 'PREROUTING', ['-j', chains.services]);
    await ensureRule('nat', 'OUTPUT', ['-j', chains.services]);
    await ensureRule('filter', 'INPUT', ['-j', chains.reject]);
    hooked = true;
  }

  return {
    async prepare() {
      await run('ip', ['route', 'replace', 'local', serviceCidr, 'dev', 'lo']);
    },
    async apply(rules) {
      const next = renderPortal(rules, chains, serviceCidr);
      const text = JSON.stringify(next);
      if (text === last) return;
      await applyChains(next);
      last = text;
      if (!hooked) await hook();
      log.debug({ mappings: rules.mappings.length }, 'Synced packet rules');
    },
    async remove() {
      await removeChains(['nat', 'filter'], [chains.services, chains.reject]);
      await run('ip', ['route', 'del', 'local', serviceCidr, 'dev', 'lo'], { allowFailure: true });
    },
  };
}

/**
 * This node's packet rules, in one chain of its own per table: egress of its pods is masqueraded, except to pods and services;
 * forwarding from and to its pods is accepted although Docker's FORWARD policy is DROP. Syncing is idempotent, also when Docker
 * rewrote its own chains.
 */
import { writeFile } from 'node:fs/promises';
import { applyChains, chainExists, type ChainRules, ensureRule, removeChains } from '../../component-base/iptables';

export interface FirewallFacts {
  chain: string;
  podCidr: string;
  clusterCidr: string;
  serviceCidr: string;
}

/** Pure: the content of the chain in each table. */
export function firewallRules({ chain, podCidr, clusterCidr, serviceCidr }: FirewallFacts): ChainRules {
  const notMasqueraded = [...new Set([clusterCidr || podCidr, serviceCidr])].filter(Boolean);
  return {
    nat: {
      [chain]: [...[...notMasqueraded, '224.0.0.0/4'].map((cidr) => `-d ${cidr} -j RETURN`), '-j MASQUERADE'],
    },
    filter: { [chain]: [`-s ${podCidr} -j ACCEPT`, `-d ${podCidr} -j ACCEPT`] },
  };
}

export async function syncFirewall(facts: FirewallFacts): Promise<void> {
  await writeFile('/proc/sys/net/ipv4/ip_forward', '1');
  await applyChains(firewallRules(facts));
  await ensureRule('nat', 'POSTROUTING', ['-s', facts.podCidr, '-j', facts.chain]);
  // Docker evaluates DOCKER-USER before its own rules; an engine without iptables has none.
  const forward = (await chainExists('filter', 'DOCKER-USER')) ? 'DOCKER-USER' : 'FORWARD';
  await ensureRule('filter', forward, ['-j', facts.chain]);
}

/** Removes the chain and every rule that jumps to it. */
export const removeFirewall = (chain: string): Promise<void> => removeChains(['nat', 'filter'], [chain]);

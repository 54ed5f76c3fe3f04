/**
 * This node's packet rules, in one chain of its own per table: egress of its pods is masqueraded, except to pods and services;
 * forwarding from and to its pods is accepted although Docker's FORWARD policy is DROP. Syncing is idempotent, also when Docker
 * rewrote its own chains.
 */
import { writeFile } from 'node:fs/promises';
import { runCommand } from './run-command';

export interface FirewallFacts {
  chain: string;
  podCidr: string;
  clusterCidr: string;
  serviceCidr: string;
}

/** The input of `iptables-restore --noflush`: declaring a chain empties it, and all of a table changes at once. */
export function renderRules({ chain, podCidr, clusterCidr, serviceCidr }: FirewallFacts): string {
  const notMasqueraded = [...new Set([clusterCidr || podCidr, serviceCidr])].filter(Boolean);
  return [
    '*nat',
    `:${chain} - [0:0]`,
    ...notMasqueraded.map((cidr) => `-A ${chain} -d ${cidr} -j RETURN`),
    `-A ${chain} -d 224.0.0.0/4 -j RETURN`,
    `-A ${chain} -j MASQUERADE`,
    'COMMIT',
    '*filter',
    `:${chain} - [0:0]`,
    `-A ${chain} -s ${podCidr} -j ACCEPT`,
    `-A ${chain} -d ${podCidr} -j ACCEPT`,
    'COMMIT',
    '',
  ].join('\n');
}

export async function syncFirewall(facts: FirewallFacts): Promise<void> {
  await writeFile('/proc/sys/net/ipv4/ip_forward', '1');
  await runCommand('iptables-restore', ['-w', '--noflush'], { input: renderRules(facts) });
  await hook('nat', 'POSTROUTING', ['-s', facts.podCidr, '-j', facts.chain]);
  // Docker evaluates DOCKER-USER before its own rules; an engine without iptables has none.
  const forward = (await chainExists('filter', 'DOCKER-USER')) ? 'DOCKER-USER' : 'FORWARD';
  await hook('filter', forward, ['-j', facts.chain]);
}

const iptables = (table: string, ...args: string[]): Promise<string> =>
  runCommand('iptables', ['-w', '-t', table, ...args]);

const succeeds = (run: Promise<unknown>): Promise<boolean> =>
  run.then(
    () => true,
    () => false,
  );

const chainExists = (table: string, chain: string): Promise<boolean> => succeeds(iptables(table, '-n', '-L', chain));

async function hook(table: string, chain: string, rule: string[]): Promise<void> {
  if (await succeeds(iptables(table, '-C', chain, ...rule))) return;
  await iptables(table, '-I', chain, ...rule);
}

/** Removes the chain and every rule that jumps to it. */
export async function removeFirewall(chain: string): Promise<void> {
  for (const table of ['nat', 'filter']) {
    const rules = await iptables(table, '-S').catch(() => '');
    for (const line of rules.split('\n')) {
      if (!line.startsWith('-A ') || !line.endsWith(`-j ${chain}`)) continue;
      await iptables(table, '-D', ...line.slice(3).split(' ')).catch(() => undefined);
    }
    await iptables(table, '-F', chain).catch(() => undefined);
    await iptables(table, '-X', chain).catch(() => undefined);
  }
}

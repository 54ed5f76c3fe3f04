/** The host's packet rules, in chains of our own: changed as a whole, hooked once, removed without a trace. */
import { run } from './run-command';

export type Table = 'nat' | 'filter' | 'mangle';

/** Rules of our chains by table, as `iptables-save` writes them without the `-A <chain>`. */
export type ChainRules = Partial<Record<Table, Record<string, string[]>>>;

/** The input of `iptables-restore --noflush`: declaring a chain empties it, and all of a table changes at once. */
export function renderRestore(rules: ChainRules): string {
  const lines = Object.entries(rules).flatMap(([table, chains]) => [
    `*${table}`,
    ...Object.keys(chains).map((chain) => `:${chain} - [0:0]`),
    ...Object.entries(chains).flatMap(([chain, list]) => list.map((rule) => `-A ${chain} ${rule}`)),
    'COMMIT',
  ]);
  return `${lines.join('\n')}\n`;
}

/** Replaces the content of the named chains, making them where they are missing. Others are untouched. */
export async function applyChains(rules: ChainRules): Promise<void> {
  await run('iptables-restore', ['-w', '--noflush'], { input: renderRestore(rules) });
}

const iptables = (table: Table, ...args: string[]): Promise<string> =>
  run('iptables', ['-w', '-t', table, ...args]).then(({ stdout }) => stdout);

const succeeds = (work: Promise<unknown>): Promise<boolean> =>
  work.then(
    () => true,
    () => false,
  );

export const chainExists = (table: Table, chain: string): Promise<boolean> =>
  succeeds(iptables(table, '-n', '-L', chain));

/** The rules of a chain as `iptables -S` prints them; none when it is not there. */
export const rulesOf = (table: Table, chain: string): Promise<string[]> =>
  iptables(table, '-S', chain).then(
    (text) => text.split('\n').filter((line) => line.startsWith('-A ')),
    () => [],
  );

/** Puts the rule at the head of a chain unless the chain has it. */
export async function ensureRule(table: Table, chain: string, rule: string[]): Promise<void> {
  if (await succeeds(iptables(table, '-C', chain, ...rule))) return;
  await iptables(table, '-I', chain, ...rule);
}

/** Removes our chains and every rule that jumps to them. What is not there is no error. */
export async function removeChains(tables: Table[], chains: string[]): Promise<void> {
  for (const table of tables) {
    const rules = (await iptables(table, '-S').catch(() => '')).split('\n');
    const jumps = rules.filter(
      (line) => line.startsWith('-A ') && chains.some((chain) => line.endsWith(`-j ${chain}`)),
    );
    for (const line of jumps) await iptables(table, '-D', ...line.slice(3).split(' ')).catch(() => '');
    for (const chain of chains) await iptables(table, '-F', chain).catch(() => '');
    for (const chain of chains) await iptables(table, '-X', chain).catch(() => '');
  }
}

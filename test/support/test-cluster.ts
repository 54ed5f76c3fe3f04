/** A real cluster for tests, with a name, home and kubeconfig of its own, beside whatever else runs on the host. */
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cluster, type Layout, layoutOf } from '../../deploy/cluster';
import { identify, readRecord, writeRecord } from '../../deploy/supervisor/process-identity';
import type { CommandOptions, CommandResult } from '../../component-base/run-command';
import { run } from '../../component-base/run-command';
import { runCompiled } from './commands';
import { runKubectl } from './kubectl-features';

export interface TestCluster {
  name: string;
  home: string;
  kubeconfig: string;
  layout: Layout;
  facts(): Promise<Cluster>;
  /** Runs `up` again with these arguments. */
  up(...args: string[]): Promise<CommandResult>;
  down(...args: string[]): Promise<CommandResult>;
  kubectl(args: string[], options?: CommandOptions & { version?: string }): Promise<CommandResult>;
  /** Stops it and removes all it made. */
  remove(): Promise<void>;
}

/** How tests find the cluster that the whole e2e run shares. */
export interface SharedCluster {
  name: string;
  home: string;
  kubeconfig: string;
}

/** The handle of a cluster that is there. */
export function attachCluster({ name, home, kubeconfig }: SharedCluster): TestCluster {
  const env = { ...process.env, KUBELAB_HOME: home, KUBECONFIG: kubeconfig };
  const layout = layoutOf(name, home);
  const command = (verb: string, args: string[], options: CommandOptions = {}): Promise<CommandResult> =>
    runCompiled('deploy/main.js', [verb, ...args], { env, timeoutMs: 240_000, ...options });
  return {
    name,
    home,
    kubeconfig,
    layout,
    facts: async () => JSON.parse(await readFile(layout.cluster, 'utf8')) as Cluster,
    up: (...args) => command('up', ['--name', name, '--demo=false', ...args]),
    down: (...args) => command('down', ['--name', name, ...args]),
    kubectl: (args, { version, ...options } = {}) => runKubectl(args, version, { env, timeoutMs: 120_000, ...options }),
    async remove() {
      await command('down', ['--name', name, '--purge']);
      await rm(home, { recursive: true, force: true });
    },
  };
}

const kubeconfigIn = (home: string): string => join(home, 'kubeconfig');
/** Tells which process the cluster belongs to. */
const ownerIn = (home: string): string => join(home, 'owner.json');

/** Removes the clusters of that name whose owner is gone. */
async function removeLeftovers(name: string): Promise<void> {
  for (const entry of await readdir(tmpdir())) {
    const home = join(tmpdir(), entry);
    if (!entry.startsWith(`kubelab-${name}-`) || !existsSync(layoutOf(name, home).cluster)) continue;
    if (!existsSync(ownerIn(home)) || (await readRecord(ownerIn(home)))) continue;
    await attachCluster({ name, home, kubeconfig: kubeconfigIn(home) }).remove();
  }
}

/** Starts a new cluster. A leftover of the same name, from a run that was killed, is removed first. */
export async function startCluster(name: string, ...args: string[]): Promise<TestCluster> {
  await removeLeftovers(name);
  const home = await mkdtemp(join(tmpdir(), `kubelab-${name}-`));
  const self = identify(process.pid);
  if (self) await writeRecord(ownerIn(home), self);
  const cluster = attachCluster({ name, home, kubeconfig: kubeconfigIn(home) });
  try {
    await cluster.up(...args);
  } catch (error) {
    const logs = await run('sh', ['-c', `tail -n 40 ${cluster.layout.logs}/*.log`], { allowFailure: true });
    await cluster.remove().catch(() => {});
    throw new Error(`the cluster ${name} did not start; its logs:\n${logs.stdout}`, { cause: error });
  }
  return cluster;
}

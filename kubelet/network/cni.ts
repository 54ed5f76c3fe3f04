/**
 * Container Network Interface: runs the plugins of a conflist for a sandbox, as libcni does. Results are cached by sandbox id,
 * so that DEL gets what ADD gave and a restarted kubelet knows the pods' addresses. A sandbox is noted before its ADD: what
 * that took when the kubelet was killed in the middle is given back by the next one.
 */
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { NetworkConfig, PluginConfig } from './cni-config';
import { CommandError, run as runCommand } from '../../component-base/run-command';

export interface PortMapping {
  hostPort: number;
  containerPort: number;
  protocol: 'tcp' | 'udp' | 'sctp';
  hostIP?: string;
}

export interface SandboxNetwork {
  sandboxId: string;
  /** `/proc/<pid>/ns/net`. */
  netns: string;
  pod: { name: string; namespace: string; uid: string };
  portMappings: PortMapping[];
}

interface CniResult {
  ips?: { address: string; interface?: number }[];
  [key: string]: unknown;
}

interface CachedNetwork {
  network: NetworkConfig;
  sandbox: SandboxNetwork;
  /** Undefined until ADD is through. */
  result?: CniResult;
}

export class CniError extends Error {
  override readonly name = 'CniError';
}

export interface Cni {
  /** Gives the sandbox its network, once: a cached result is given again. Addresses without prefix length. */
  add(network: NetworkConfig, sandbox: SandboxNetwork): Promise<string[]>;
  /** Rejects when the sandbox's network is not as ADD left it. */
  check(sandboxId: string): Promise<void>;
  /**
   * Gives the address and the host ports back, once the sandbox is dead: its interfaces went with its namespace, and the plugins
   * get none. A sandbox that never had a network is success.
   */
  remove(sandboxId: string): Promise<void>;
  /** From the cache, without a plugin run. */
  addressesOf(sandboxId: string): string[];
  hasHostPorts(sandboxId: string): boolean;
  /** Reads the cache of an earlier process. */
  load(): Promise<void>;
  knownSandboxes(): string[];
}

export function createCni(options: { binDir: string; cacheDir: string }): Cni {
  const cache = new Map<string, CachedNetwork>();
  const fileOf = (sandboxId: string): string => path.join(options.cacheDir, `${sandboxId}.json`);

  async function run(
    command: 'ADD' | 'CHECK' | 'DEL',
    network: NetworkConfig,
    plugin: PluginConfig,
    sandbox: SandboxNetwork,
    prevResult: CniResult | undefined,
  ): Promise<CniResult | undefined> {
    const { capabilities, ...config } = plugin;
    const runtimeConfig = capabilities?.['portMappings'] ? { portMappings: sandbox.portMappings } : undefined;
    const input = JSON.stringify({
      ...config,
      cniVersion: network.cniVersion,
      name: network.name,
      ...(runtimeConfig && { runtimeConfig }),
      ...(prevResult && { prevResult }),
    });
    const env = {
      PATH: process.env['PATH'],
      CNI_COMMAND: command,
      CNI_CONTAINERID: sandbox.sandboxId,
      CNI_NETNS: sandbox.netns,
      CNI_IFNAME: 'eth0',
      CNI_PATH: options.binDir,
      CNI_ARGS: [
        'IgnoreUnknown=1',
        `K8S_POD_NAMESPACE=${sandbox.pod.namespace}`,
        `K8S_POD_NAME=${sandbox.pod.name}`,
        `K8S_POD_INFRA_CONTAINER_ID=${sandbox.sandboxId}`,
        `K8S_POD_UID=${sandbox.pod.uid}`,
      ].join(';'),
    };
    try {
      const { stdout } = await runCommand(path.join(options.binDir, plugin.type), [], { input, env });
      return stdout.trim() ? (JSON.parse(stdout) as CniResult) : undefined;
    } catch (cause) {
      throw new CniError(`plugin type="${plugin.type}" failed (${command.toLowerCase()}): ${reasonOf(cause)}`, {
        cause,
      });
    }
  }

  /** portmap without host ports would only start a process to do nothing. */
  const pluginsFor = (network: NetworkConfig, sandbox: SandboxNetwork): PluginConfig[] =>
    network.plugins.filter(({ type }) => type !== 'portmap' || sandbox.portMappings.length > 0);

  async function undo(network: NetworkConfig, sandbox: SandboxNetwork, result: CniResult | undefined): Promise<void> {
    for (const plugin of pluginsFor(network, sandbox).reverse()) await run('DEL', network, plugin, sandbox, result);
  }

  async function keep(entry: CachedNetwork): Promise<void> {
    const { sandboxId } = entry.sandbox;
    const file = fileOf(sandboxId);
    cache.set(sandboxId, entry);
    await mkdir(options.cacheDir, { recursive: true });
    await writeFile(`${file}.new`, JSON.stringify(entry));
    await rename(`${file}.new`, file);
  }

  async function forget(sandboxId: string): Promise<void> {
    cache.delete(sandboxId);
    await rm(fileOf(sandboxId), { force: true });
  }

  return {
    async add(network, sandbox) {
      const known = cache.get(sandbox.sandboxId);
      if (known?.result) return addressesIn(known.result);
      await keep({ network, sandbox });
      let result: CniResult | undefined;
      try {
        for (const plugin of pluginsFor(network, sandbox)) {
          result = (await run('ADD', network, plugin, sandbox, result)) ?? result;
        }
      } catch (error) {
        // What cannot be undone now stays known, and is with the sandbox's removal.
        await undo(network, sandbox, result).then(
          () => forget(sandbox.sandboxId),
          () => undefined,
        );
        throw error;
      }
      await keep({ network, sandbox, result: result ?? {} });
      return addressesIn(result);
    },
    async check(sandboxId) {
      const known = cache.get(sandboxId);
      if (!known) throw new CniError(`no network is known for sandbox ${sandboxId}`);
      for (const plugin of pluginsFor(known.network, known.sandbox)) {
        await run('CHECK', known.network, plugin, known.sandbox, known.result);
      }
    },
    async remove(sandboxId) {
      const known = cache.get(sandboxId);
      if (!known) return;
      // Its process may be gone, and the number be another's: plugins must not enter that one's network.
      await undo(known.network, { ...known.sandbox, netns: '' }, known.result);
      await forget(sandboxId);
    },
    addressesOf: (sandboxId) => addressesIn(cache.get(sandboxId)?.result),
    hasHostPorts: (sandboxId) => (cache.get(sandboxId)?.sandbox.portMappings.length ?? 0) > 0,
    knownSandboxes: () => [...cache.keys()],
    async load() {
      const names = await readdir(options.cacheDir).catch(() => [] as string[]);
      for (const name of names) {
        if (!name.endsWith('.json')) {
          // A note that was being written: nothing had come of it that an older one does not know.
          await rm(path.join(options.cacheDir, name), { force: true });
          continue;
        }
        const text = await readFile(path.join(options.cacheDir, name), 'utf8').catch(() => '');
        const entry = parseEntry(text);
        if (entry) cache.set(entry.sandbox.sandboxId, entry);
      }
    },
  };
}

/** A file that is damaged is worth nothing. */
function parseEntry(text: string): CachedNetwork | undefined {
  try {
    const entry = JSON.parse(text) as CachedNetwork;
    return entry.sandbox?.sandboxId ? entry : undefined;
  } catch {
    return undefined;
  }
}

const addressesIn = (result: CniResult | undefined): string[] =>
  (result?.ips ?? []).map(({ address }) => address.split('/')[0] ?? '').filter(Boolean);

/** Plugins explain failures as JSON on stdout: `{"code": 11, "msg": "...", "details": "..."}`. */
function reasonOf(error: unknown): string {
  if (!(error instanceof CommandError)) return error instanceof Error ? error.message : String(error);
  try {
    const { msg, details } = JSON.parse(error.result.stdout) as { msg?: string; details?: string };
    return [msg, details].filter(Boolean).join('; ');
  } catch {
    return error.result.stderr.trim() || error.message;
  }
}

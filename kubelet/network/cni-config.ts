/** The network configuration the plugins get: the user's own conflist where there is one, else ours for the podCIDR. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

export interface PluginConfig {
  type: string;
  capabilities?: Record<string, boolean>;
  [key: string]: unknown;
}

export interface NetworkConfig {
  cniVersion: string;
  name: string;
  plugins: PluginConfig[];
}

export interface OwnNetwork {
  bridge: string;
  podCidr: string;
  mtu: number;
  /** Where host-local keeps its allocations. */
  dataDir: string;
}

/** Upstream's reference set-up: a bridge with a gateway address, host-local addresses, portmap for host ports. */
export const bridgeNetwork = ({ bridge, podCidr, mtu, dataDir }: OwnNetwork): NetworkConfig => ({
  cniVersion: '0.4.0',
  name: bridge,
  plugins: [
    {
      type: 'bridge',
      bridge,
      isGateway: true,
      forceAddress: true,
      hairpinMode: true,
      mtu,
      ipam: { type: 'host-local', ranges: [[{ subnet: podCidr }]], routes: [{ dst: '0.0.0.0/0' }], dataDir },
    },
    { type: 'portmap', snat: true, capabilities: { portMappings: true } },
  ],
});

/** The first configuration of a folder by name, as libcni picks it; undefined when there is none. */
export async function readUserNetwork(folder: string): Promise<NetworkConfig | undefined> {
  const names = await readdir(folder).catch(() => [] as string[]);
  for (const name of names.sort()) {
    if (!/\.(conf|conflist|json)$/.test(name)) continue;
    const parsed = JSON.parse(await readFile(path.join(folder, name), 'utf8')) as NetworkConfig & PluginConfig;
    if (parsed.plugins) return parsed;
    return { cniVersion: parsed.cniVersion, name: parsed.name, plugins: [parsed] };
  }
  return undefined;
}

/** Writes ours where the node's other state is, for people to read. */
export async function writeOwnNetwork(folder: string, network: NetworkConfig): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, '10-kubelab.conflist'), `${JSON.stringify(network, null, 2)}\n`);
}

/**
 * The node's pod network as a whole: waits for the podCIDR, prepares bridge and rules, then gives sandboxes their network.
 * Until then the node is NotReady with upstream's words.
 */
import { access } from 'node:fs/promises';
import path from 'node:path';
import { containersOf, type Pod } from '../../api/core/v1/pod';
import type { Clock } from '../../component-base/clock';
import type { Logger } from '../../component-base/logger';
import { defaultMtu, ensureBridge } from './bridge';
import { type Cni, createCni, type PortMapping } from './cni';
import { bridgeNetwork, type NetworkConfig, readUserNetwork, writeOwnNetwork } from './cni-config';
import { syncFirewall } from './firewall';
import { bridgeNameOf, chainNameOf, gatewayOf } from './names';

export interface PodNetworkOptions {
  clusterId: string;
  nodeName: string;
  rootDir: string;
  cniBinDir: string;
  /** The user's own folder of configurations; '' for none. */
  cniConfDir: string;
  clusterCidr: string;
  serviceCidr: string;
  /** Host ports without an address bind here when the node shares its host; '' for every address. */
  hostPortAddress: () => string;
  clock: Clock;
  log: Logger;
}

export interface PodNetwork {
  /** Prepares everything for the podCIDR; called again to repair what others removed. */
  prepare(podCidr: string): Promise<void>;
  /** Undefined when ready, else why not, in the runtime's words. */
  problem(): string | undefined;
  setUp(pod: Pod, sandboxId: string, pid: number): Promise<string[]>;
  /** For a sandbox that is dead. Its host ports are free when it resolves, its addresses in a moment. */
  tearDown(sandboxId: string): Promise<void>;
  addressesOf(sandboxId: string): string[];
  /** Gives back the addresses of sandboxes that are gone. */
  collect(existing: ReadonlySet<string>): Promise<void>;
  readonly cni: Cni;
}

const notInitialized =
  'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:docker: network plugin is not ready: cni config uninitialized';

/** There are more addresses than pods, and while many pods end the engine needs the machine for itself. */
const addressesReturnAfterMs = 1_000;

export function createPodNetwork(options: PodNetworkOptions): PodNetwork {
  const { clusterId, nodeName, rootDir, clock, log } = options;
  const folder = path.join(rootDir, 'cni');
  const cni = createCni({ binDir: options.cniBinDir, cacheDir: path.join(folder, 'results') });
  const bridge = bridgeNameOf(clusterId, nodeName);
  let network: NetworkConfig | undefined;
  const dead = new Set<string>();

  async function returnAddresses(): Promise<void> {
    for (const sandboxId of dead) {
      await cni.remove(sandboxId).catch((error: unknown) => log.warn({ err: error, sandboxId }, 'CNI DEL failed'));
      dead.delete(sandboxId);
    }
  }

  return {
    cni,
    problem: () => (network ? undefined : notInitialized),
    addressesOf: (sandboxId) => cni.addressesOf(sandboxId),
    async prepare(podCidr) {
      const user = options.cniConfDir ? await readUserNetwork(options.cniConfDir) : undefined;
      if (user) {
        network = user;
        return;
      }
      const mtu = await defaultMtu();
      const own = bridgeNetwork({ bridge, podCidr, mtu, dataDir: path.join(folder, 'networks') });
      await access(path.join(options.cniBinDir, 'bridge'));
      await ensureBridge(bridge, gatewayOf(podCidr), podCidr.split('/')[1] ?? '24', mtu);
      const { clusterCidr, serviceCidr } = options;
      await syncFirewall({ chain: chainNameOf(clusterId, nodeName), podCidr, clusterCidr, serviceCidr });
      if (!network) {
        await writeOwnNetwork(path.join(folder, 'net.d'), own);
        log.info({ podCidr, bridge }, 'The pod network is ready');
      }
      network = own;
    },
    async setUp(pod, sandboxId, pid) {
      if (!network) throw new Error(notInitialized);
      const { name = '', namespace = '', uid = '' } = pod.metadata ?? {};
      return cni.add(network, {
        sandboxId,
        netns: `/proc/${pid}/ns/net`,
        pod: { name, namespace, uid },
        portMappings: portMappingsOf(pod, options.hostPortAddress()),
      });
    },
    async tearDown(sandboxId) {
      // Another pod may want them at once.
      if (cni.hasHostPorts(sandboxId)) return cni.remove(sandboxId);
      if (dead.size === 0) clock.after(addressesReturnAfterMs, () => void returnAddresses());
      dead.add(sandboxId);
    },
    async collect(existing) {
      for (const sandboxId of cni.knownSandboxes()) if (!existing.has(sandboxId)) dead.add(sandboxId);
      await returnAddresses();
    },
  };
}

/** The host ports of all containers. */
export function portMappingsOf(pod: Pod, defaultHostIp: string): PortMapping[] {
  return containersOf(pod)
    .flatMap((container) => container.ports ?? [])
    .flatMap(({ hostPort, containerPort, protocol, hostIP }) => {
      if (!hostPort) return [];
      const address = hostIP && hostIP !== '0.0.0.0' ? hostIP : defaultHostIp;
      return [
        {
          hostPort,
          containerPort,
          protocol: (protocol ?? 'TCP').toLowerCase() as PortMapping['protocol'],
          ...(address && { hostIP: address }),
        },
      ];
    });
}

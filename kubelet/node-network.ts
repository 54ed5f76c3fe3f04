/**
 * Follows the nodes: this node's podCIDR makes the pod network, the others' make routes. Everything is repaired twice a minute, for
 * other programs (a restarted engine, a firewall) may have changed it.
 */
import { type Node, nodes } from '../api/core/v1/node';
import type { Informer } from '../client/informer';
import type { Clock } from '../component-base/clock';
import type { Logger } from '../component-base/logger';
import { WakeableSleep } from '../component-base/wakeable-sleep';
import { gatewayOf } from './network/names';
import type { PodNetwork } from './network/pod-network';
import { syncRoutes, wantedRoutes } from './network/routes';

export interface NodeNetworkDeps {
  informer: Informer<Node>;
  network: PodNetwork;
  clock: Clock;
  log: Logger;
  nodeName: string;
  /** `bridge`, or the node's own address. */
  nodeIp: string;
  hostAddress: string;
  clusterCidr: string;
  /** The network became ready, or the node's address is known now. */
  onReady(): void;
}

export interface NodeNetwork {
  /** '' while it is not known. */
  internalIp(): string;
  /**
   * One attempt, before the node's first report: a kubelet that comes back must not call its node unready because it has not looked
   * at its own podCIDR yet.
   */
  prepareOnce(): Promise<void>;
  run(signal: AbortSignal): Promise<void>;
}

const repairPeriodMs = 30_000;

export function createNodeNetwork(deps: NodeNetworkDeps): NodeNetwork {
  const { informer, network, clock, log, nodeName } = deps;
  let internalIp = deps.nodeIp === 'bridge' ? '' : deps.nodeIp;
  const rest = new WakeableSleep(clock);
  const kick = (): void => rest.wake();

  const relevant = (node: Node): string => JSON.stringify([node.spec?.podCIDR, node.metadata?.annotations]);
  informer.addEventHandler({
    add: kick,
    update: (node, old) => {
      if (relevant(node) !== relevant(old)) kick();
    },
    delete: kick,
  });

  async function prepare(): Promise<void> {
    const podCidr = informer.lister.get(nodeName)?.spec?.podCIDR;
    if (!podCidr) return;
    const before = network.problem();
    await network.prepare(podCidr);
    const address = deps.nodeIp === 'bridge' ? gatewayOf(podCidr) : internalIp;
    const changed = address !== internalIp;
    internalIp = address;
    if (before || changed) deps.onReady();
  }

  async function routes(): Promise<void> {
    if (!deps.hostAddress || !deps.clusterCidr) return;
    await syncRoutes(wantedRoutes(informer.lister.list(), nodeName, deps.hostAddress), deps.clusterCidr);
  }

  return {
    internalIp: () => internalIp,
    prepareOnce: () =>
      prepare().catch((error: unknown) => log.warn({ err: error }, 'Preparing the node network failed')),
    async run(signal) {
      while (!signal.aborted) {
        let delayMs = repairPeriodMs;
        for (const task of [prepare, routes]) {
          await task().catch((error: unknown) => {
            log.warn({ err: error, kind: nodes.kind }, 'Preparing the node network failed');
            delayMs = 2000;
          });
        }
        await rest.sleep(delayMs, signal);
      }
    },
  };
}

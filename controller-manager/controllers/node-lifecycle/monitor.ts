/** The periodic look at all nodes: who is silent, whose pods are to leave, and how fast. Upstream: `monitorNodeHealth`. */
import type { Lease } from '../../../api/coordination/v1/lease';
import { type Node, nodes, type Taint } from '../../../api/core/v1/node';
import type { Pod } from '../../../api/core/v1/pod';
import { isSameTaint } from '../../../api/core/v1/node/taints';
import type { Stored } from '../../../api/meta/types';
import type { EventRecorder } from '../../../client/event-recorder';
import type { Lister } from '../../../client/informer';
import type { RestClient } from '../../../client/rest-client';
import { type Clock, formatTime } from '../../../component-base/clock';
import type { Logger } from '../../../component-base/logger';
import { markPodsNotReady } from './mark-pods-not-ready';
import { type Grace, isSilent, type NodeHealth, observeNode, unknownConditions } from './node-health';
import { hasTaint, notReadyNoExecute, readyStatus, swapTaint, unreachableNoExecute, updateTaints } from './node-taints';
import { disruptionChange, evictionRate, type EvictionRates, surveyZones, type ZoneState, zoneOf } from './zones';
import { ZoneQueue } from './zone-queue';

export interface MonitorContext {
  client: RestClient;
  clock: Clock;
  log: Logger;
  recorder: EventRecorder;
  nodeLister: Lister<Node>;
  leaseOf(nodeName: string): Lease | undefined;
  podsOn(nodeName: string): Stored<Pod>[];
  grace: Grace;
  rates: EvictionRates;
}

export class NodeMonitor {
  private readonly health = new Map<string, NodeHealth & { uid: string }>();
  private readonly zoneStates = new Map<string, ZoneState>();
  private readonly queues = new Map<string, ZoneQueue>();
  /** Nodes some of whose pods could not be marked. */
  private readonly markAgain = new Set<string>();
  private checkedAtMs: number | undefined;

  constructor(private readonly context: MonitorContext) {}

  /** One pass. A node that fails is looked at again in the next one. */
  async check(): Promise<void> {
    const { log, nodeLister } = this.context;
    this.discountPause();
    this.registerNodes(nodeLister.list());
    const seen: Stored<Node>[] = [];
    await Promise.all(
      nodeLister.list().map(async (node) => {
        try {
          seen.push(await this.checkNode(node));
        } catch (error) {
          log.error({ err: error, node: node.metadata.name }, 'Cannot update the health of a node, trying again');
        }
      }),
    );
    await this.handleDisruption(seen);
    await this.taintThoseDue();
  }

  /** While the host slept, or its clock was set, nobody was listened to: that time is no node's silence. */
  private discountPause(): void {
    const now = this.context.clock.now();
    const passedMs = now - (this.checkedAtMs ?? now);
    this.checkedAtMs = now;
    if (passedMs >= 0 && passedMs < this.context.grace.monitorMs / 2) return;
    for (const [name, health] of this.health) {
      this.health.set(name, { ...health, probedAtMs: health.probedAtMs + passedMs });
    }
  }

  private registerNodes(all: readonly Stored<Node>[]): void {
    const { clock, recorder } = this.context;
    const present = new Set(all.map(({ metadata }) => metadata.uid));
    for (const [name, { uid }] of this.health) {
      if (present.has(uid)) continue;
      this.health.delete(name);
      for (const queue of this.queues.values()) queue.remove(name);
      const node = { apiVersion: 'v1', kind: 'Node', metadata: { name, uid } };
      recorder.event(node, 'Normal', 'RemovingNode', `Node ${name} event: Removing Node ${name} from Controller`);
    }
    for (const node of all) {
      const { name, uid } = node.metadata;
      if (this.health.has(name)) continue;
      this.health.set(name, { uid, ...observeNode(node, this.context.leaseOf(name), undefined, clock.now()) });
      recorder.event(node, 'Normal', 'RegisteredNode', `Node ${name} event: Registered Node ${name} in Controller`);
    }
  }

  /** Gives the node as it is after the check. */
  private async checkNode(node: Stored<Node>): Promise<Stored<Node>> {
    const { client, clock, grace, recorder } = this.context;
    const { name, uid } = node.metadata;
    const now = clock.now();
    const health = observeNode(node, this.context.leaseOf(name), this.health.get(name), now);
    this.health.set(name, { uid, ...health });
    let current = node;
    if (isSilent(node, health, grace, now) && readyStatus(node) !== 'Unknown') {
      const conditions = unknownConditions(node, now);
      current = await client.updateStatus(nodes, { ...node, status: { ...node.status, conditions } });
    }
    await this.decideEviction(current);
    const ready = readyStatus(current);
    const turned = readyStatus(node) === 'True' && ready !== 'True';
    if (turned) recorder.event(node, 'Normal', 'NodeNotReady', `Node ${name} status is now: NodeNotReady`);
    if (turned || (this.markAgain.has(name) && ready !== 'True')) {
      const done = await markPodsNotReady(this.context, this.context.podsOn(name));
      if (done) this.markAgain.delete(name);
      else this.markAgain.add(name);
    }
    return current;
  }

  /** Exchanging one NoExecute taint for the other is immediate; the first one waits for its zone's turn. */
  private async decideEviction(node: Stored<Node>): Promise<void> {
    const { client } = this.context;
    const queue = this.queueOf(node);
    const { name } = node.metadata;
    const ready = readyStatus(node);
    if (ready === undefined) return;
    if (ready === 'True') {
      queue.remove(name);
      // The taints themselves come off with the node's update, in `reconcile`.
      return;
    }
    const [wanted, other] =
      ready === 'False' ? [notReadyNoExecute, unreachableNoExecute] : [unreachableNoExecute, notReadyNoExecute];
    if (hasTaint(node, other)) {
      await updateTaints(client, node, (fresh) => swapTaint(fresh, this.stamped(wanted), other));
    } else if (!hasTaint(node, wanted)) {
      queue.add(name);
    }
  }

  private async handleDisruption(all: readonly Stored<Node>[]): Promise<void> {
    const { clock, log, rates } = this.context;
    const now = clock.now();
    const zones = surveyZones(all, rates.unhealthyThreshold);
    const change = disruptionChange(this.zoneStates, zones);
    const fullyDisrupted = zones.length > 0 && zones.every(({ state }) => state === 'FullDisruption');
    if (change === 'entered') {
      log.info('All nodes are unresponsive: entering disruption mode, no pods are evicted');
      await Promise.all(all.map(async (node) => updateTaints(this.context.client, node, withoutNoExecute)));
    } else if (change === 'left') {
      log.info('Leaving disruption mode');
      // Nobody was heard while the fault was ours: everybody gets a fresh start.
      for (const [name, health] of this.health) this.health.set(name, { ...health, probedAtMs: now });
    }
    this.zoneStates.clear();
    for (const zone of zones) {
      this.zoneStates.set(zone.name, zone.state);
      this.zoneQueue(zone.name).setRate(fullyDisrupted ? 0 : evictionRate(zone, rates), now);
    }
  }

  private async taintThoseDue(): Promise<void> {
    const { client, clock, log, nodeLister } = this.context;
    for (const queue of this.queues.values()) {
      for (const name of queue.take(clock.now())) {
        const node = nodeLister.get(name);
        if (!node) continue;
        try {
          await updateTaints(client, node, (fresh) => {
            const ready = readyStatus(fresh);
            if (ready === 'True' || ready === undefined) return fresh.spec?.taints ?? [];
            const [add, remove] =
              ready === 'False' ? [notReadyNoExecute, unreachableNoExecute] : [unreachableNoExecute, notReadyNoExecute];
            return hasTaint(fresh, add) ? (fresh.spec?.taints ?? []) : swapTaint(fresh, this.stamped(add), remove);
          });
        } catch (error) {
          log.error({ err: error, node: name }, 'Cannot taint a node, trying again');
          queue.add(name);
        }
      }
    }
  }

  private stamped(taint: Taint): Taint {
    return { ...taint, timeAdded: formatTime(this.context.clock.now()) };
  }

  private queueOf(node: Node): ZoneQueue {
    return this.zoneQueue(zoneOf(node));
  }

  private zoneQueue(zone: string): ZoneQueue {
    const queue = this.queues.get(zone) ?? new ZoneQueue(this.context.rates.normal, this.context.clock.now());
    this.queues.set(zone, queue);
    return queue;
  }
}

const withoutNoExecute = ({ spec }: Node): Taint[] =>
  (spec?.taints ?? []).filter(
    (taint) => !isSameTaint(taint, notReadyNoExecute) && !isSameTaint(taint, unreachableNoExecute),
  );

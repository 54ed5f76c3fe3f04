/**
 * Keeps the node's object and lease: registers it, renews the lease every 10 s, sends the status when it changed and every 5 minutes
 * (upstream's kubelet_node_status.go). An API that is away only delays it.
 */
import { type Lease, leases } from '../api/coordination/v1/lease';
import { type Node, type NodeCondition, nodes, type NodeStatus } from '../api/core/v1/node';
import { isAlreadyExists, isNotFound } from '../api/meta/status-error';
import type { Stored } from '../api/meta/types';
import type { EventRecorder } from '../client/event-recorder';
import { newer } from '../client/newer';
import type { RestClient } from '../client/rest-client';
import { type Clock, formatMicroTime } from '../component-base/clock';
import type { Logger } from '../component-base/logger';
import { WakeableSleep } from '../component-base/wakeable-sleep';
import type { MachineInfo } from './machine-info';
import {
  conditionEvents,
  isContradicted,
  isSameStatus,
  newNode,
  type NodeFacts,
  type NodeIdentity,
  nodeStatus,
} from './node-object';

export interface NodeManagerDeps {
  client: RestClient;
  recorder: EventRecorder;
  clock: Clock;
  log: Logger;
  identity: NodeIdentity;
  machine: MachineInfo;
  /** Gathers what changes. */
  facts(): Promise<NodeFacts>;
  /** The node as the API has it, from the watch. */
  current(): Stored<Node> | undefined;
  updatePeriodMs: number;
}

export interface NodeManager {
  /** Registers, then keeps reporting until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** Something changed: report now. */
  kick(): void;
}

const reportPeriodMs = 5 * 60_000;
const leaseSeconds = 40;
const leaseNamespace = 'kube-node-lease';

export function createNodeManager(deps: NodeManagerDeps): NodeManager {
  const { client, clock, log, identity } = deps;
  let sent: NodeStatus | undefined;
  let sentMs = 0;
  let node: Stored<Node> | undefined;
  let lease: Stored<Lease> | undefined;
  let wasUnschedulable = false;
  const rest = new WakeableSleep(clock);

  async function register(): Promise<void> {
    const wanted = newNode(identity, deps.machine);
    try {
      const latest = nodeStatus(await deps.facts(), undefined);
      node = await client.create(nodes, { ...wanted, status: latest });
      recordConditions([], latest);
      log.info({ node: identity.name }, 'Successfully registered node');
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      const { labels, annotations } = wanted.metadata ?? {};
      node = await client.patch(nodes, identity.name, undefined, { metadata: { labels, annotations } });
    }
  }

  /** Events about the node carry its name as uid, as upstream's do. */
  const regarding = { apiVersion: 'v1', kind: 'Node', metadata: { name: identity.name, uid: identity.name } };

  function recordConditions(before: NodeCondition[], status: NodeStatus): void {
    for (const [reason, message] of conditionEvents(identity.name, before, status.conditions ?? [])) {
      deps.recorder.event(regarding, 'Normal', reason, message);
    }
  }

  /** Told when it is noticed that somebody cordoned or uncordoned the node. */
  function recordSchedulable(unschedulable: boolean): void {
    if (unschedulable === wasUnschedulable) return;
    wasUnschedulable = unschedulable;
    const reason = unschedulable ? 'NodeNotSchedulable' : 'NodeSchedulable';
    deps.recorder.event(regarding, 'Normal', reason, `Node ${identity.name} status is now: ${reason}`);
  }

  async function report(): Promise<void> {
    const watched = deps.current();
    const known = watched ? newer(watched, node) : node;
    recordSchedulable(known?.spec?.unschedulable ?? false);
    // The node controller took our silence for an end, and wrote so.
    if (sent && isContradicted(sent, known?.status)) sent = undefined;
    const old = sent ?? known?.status;
    const latest = nodeStatus(await deps.facts(), old, known?.status?.capacity);
    const due = clock.now() - sentMs >= reportPeriodMs;
    if (!due && sent && isSameStatus(sent, latest)) return;
    const addresses = [...(latest.addresses ?? []), { $patch: 'replace' }];
    const patch = { status: { ...latest, addresses } };
    const options = { type: 'strategic', subresource: 'status' } as const;
    const before = old?.conditions ?? [];
    node = await client.patch(nodes, identity.name, undefined, patch, options);
    recordConditions(before, latest);
    sent = latest;
    sentMs = clock.now();
  }

  async function renewLease(): Promise<void> {
    const renewTime = formatMicroTime(clock.now());
    if (lease) {
      const spec = { ...lease.spec, holderIdentity: identity.name, leaseDurationSeconds: leaseSeconds, renewTime };
      try {
        lease = await client.update(leases, { ...lease, spec });
        return;
      } catch (error) {
        lease = undefined;
        if (isNotFound(error)) log.debug('The node lease is gone; it is created anew');
      }
    }
    const metadata = {
      name: identity.name,
      namespace: leaseNamespace,
      ...(node && {
        ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: identity.name, uid: node.metadata.uid }],
      }),
    };
    const spec = { holderIdentity: identity.name, leaseDurationSeconds: leaseSeconds, renewTime };
    try {
      lease = await client.create(leases, { metadata, spec });
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      lease = await client.get(leases, identity.name, leaseNamespace);
      lease = await client.update(leases, { ...lease, spec: { ...lease.spec, ...spec } });
    }
  }

  async function keepLease(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      let delayMs = (leaseSeconds / 4) * 1000;
      try {
        await renewLease();
      } catch (error) {
        if (signal.aborted) return;
        log.warn({ err: error }, 'Failed to update lease');
        delayMs = 1000;
      }
      await clock.sleep(delayMs, signal).catch(() => undefined);
    }
  }

  return {
    kick: () => rest.wake(),
    async run(signal) {
      for (let delayMs = 200; !signal.aborted; delayMs = Math.min(delayMs * 2, 7000)) {
        try {
          await register();
          break;
        } catch (error) {
          log.warn({ err: error }, 'Unable to register node with API server');
          await clock.sleep(delayMs, signal).catch(() => undefined);
        }
      }
      const status = async (): Promise<void> => {
        while (!signal.aborted) {
          try {
            await report();
            await rest.sleep(deps.updatePeriodMs, signal);
          } catch (error) {
            if (signal.aborted) return;
            log.warn({ err: error }, 'Error updating node status, will retry');
            if (isNotFound(error)) {
              sent = undefined;
              await register().catch(() => undefined);
            }
            await clock.sleep(1000, signal).catch(() => undefined);
          }
        }
      };
      await Promise.all([status(), keepLease(signal)]);
    },
  };
}

/**
 * A node without containers, for tests of the control plane: it registers, renews its lease, binds pods that nobody else
 * schedules, reports them running and ready, and lets them go. What Kubernetes' kubemark calls a hollow node.
 */
import { leases } from '../../api/coordination/v1/lease';
import { type Node, nodes } from '../../api/core/v1/node';
import { type Pod, pods } from '../../api/core/v1/pod';
import { isAlreadyExists } from '../../api/meta/status-error';
import { keyOf, type Stored } from '../../api/meta/types';
import { createInformerFactory } from '../../client/informer-factory';
import type { RestClient } from '../../client/rest-client';
import { formatMicroTime, formatTime, systemClock } from '../../component-base/clock';
import { createLogger } from '../../component-base/logger';

const retryMs = 200;

export interface HollowNode {
  /** Stops everything: no heartbeats, no pods reported. */
  stop(): void;
}

export interface HollowNodeOptions {
  client: RestClient;
  name: string;
  /** Pods with this image never become ready. */
  brokenImage?: string;
  /** Binds every pending pod to itself. Default true. */
  schedules?: boolean;
  heartbeatMs?: number;
}

export async function startHollowNode(options: HollowNodeOptions): Promise<HollowNode> {
  const { client, name, brokenImage, schedules = true, heartbeatMs = 500 } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  await client
    .create<Node>(nodes, { metadata: { name, labels: { 'kubernetes.io/hostname': name } } })
    .catch((error) => {
      if (!isAlreadyExists(error)) throw error;
    });
  const time = formatTime(Date.now());
  const condition = {
    type: 'Ready',
    status: 'True',
    reason: 'KubeletReady',
    message: '',
    lastHeartbeatTime: time,
    lastTransitionTime: time,
  };
  const addresses = [
    { type: 'Hostname', address: name },
    { type: 'InternalIP', address: '10.250.0.1' },
  ];
  await client.patch(
    nodes,
    name,
    undefined,
    { status: { conditions: [condition], addresses } },
    { type: 'strategic', subresource: 'status' },
  );

  void (async () => {
    while (!signal.aborted) {
      await beat(client, name).catch(() => {});
      await systemClock.sleep(heartbeatMs, signal).catch(() => {});
    }
  })();

  const informers = createInformerFactory({ client, clock: systemClock, log: createLogger('hollow-node') });
  let lastIp = 0;
  const handle = async (pod: Stored<Pod>): Promise<void> => {
    const { metadata, spec, status } = pod;
    const target = { apiVersion: 'v1', kind: 'Node', name };
    if (!spec?.nodeName) {
      if (!schedules || metadata.deletionTimestamp) return;
      const binding = {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { name: metadata.name, namespace: metadata.namespace },
        target,
      };
      await client.createSubresource(pods, metadata.name, metadata.namespace, 'binding', binding);
    } else if (spec.nodeName !== name) {
      return;
    } else if (metadata.deletionTimestamp) {
      await client.delete(pods, metadata.name, metadata.namespace, {
        gracePeriodSeconds: 0,
        preconditions: { uid: metadata.uid },
      });
    } else if (!status?.podIP) {
      const now = formatTime(Date.now());
      const ready = spec.containers[0]?.image !== brokenImage;
      const podIP = `10.250.${Math.floor(++lastIp / 250)}.${(lastIp % 250) + 2}`;
      const conditions = [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: now }];
      const patch = { status: { phase: 'Running', podIP, podIPs: [{ ip: podIP }], conditions } };
      await client.patch(pods, metadata.name, metadata.namespace, patch, { type: 'strategic', subresource: 'status' });
    }
  };
  const scope = schedules ? {} : { fieldSelector: `spec.nodeName=${name}` };
  const informer = informers.informer(pods, scope);
  /** What failed is tried again on what is there by then. */
  const onChange = (pod: Stored<Pod>): void =>
    void handle(pod).catch(async () => {
      await systemClock.sleep(retryMs, signal).catch(() => {});
      const current = signal.aborted ? undefined : informer.lister.get(keyOf(pod));
      if (current) onChange(current);
    });
  informer.addEventHandler({ add: onChange, update: onChange });
  informers.start(signal);
  return { stop: () => stopping.abort(new Error('stopped')) };
}

async function beat(client: RestClient, name: string): Promise<void> {
  const spec = { holderIdentity: name, leaseDurationSeconds: 40, renewTime: formatMicroTime(Date.now()) };
  try {
    await client.patch(leases, name, 'kube-node-lease', { spec });
  } catch {
    await client.create(leases, { metadata: { name, namespace: 'kube-node-lease' }, spec });
  }
}

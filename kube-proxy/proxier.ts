/**
 * Keeps listeners and packet rules as the Services and EndpointSlices say. Changes only mark a Service as dirty; one sync at
 * a time brings all dirty ones up to date and touches nothing of the others, so their connections never notice.
 */
import type { Service } from '../api/core/v1/service';
import type { EndpointSlice } from '../api/discovery/v1/endpointslice';
import type { Logger } from '../component-base/logger';
import { localAddresses } from './local-addresses';
import { LoadBalancer } from './load-balancer';
import type { Mapping, Portal, PortalRules } from './portal';
import { entriesOf, sameTargets, type ServicePortEntry } from './service-map';
import { type HighListener, listenHigh, NodePortListeners } from './service-listeners';

export interface ProxierDeps {
  portal: Portal;
  service(key: string): Service | undefined;
  slicesOf(key: string): EndpointSlice[];
  /** The nodes that run on this host. */
  localNodes(): ReadonlySet<string>;
  log: Logger;
  now(): number;
  /** Told how long each sync took, in milliseconds. */
  onSync(durationMs: number): void;
}

interface PortState {
  entry: ServicePortEntry;
  internal: LoadBalancer;
  external: LoadBalancer;
  high: HighListener;
  nodePort: NodePortListeners | undefined;
}

const retryMs = 1000;

export class Proxier {
  private readonly ports = new Map<string, PortState>();
  /** Ids of the ports of each Service. */
  private readonly portsOf = new Map<string, string[]>();
  private readonly dirty = new Set<string>();
  private fixed: Mapping[] = [];
  private addresses = localAddresses();
  private timer: NodeJS.Timeout | undefined;
  private running = false;
  /** Something changed since the sync that runs, or ran last, has begun. */
  private due = false;
  private stopped = false;
  /** When everything known was last in place; undefined before the first time. */
  lastSyncedMs: number | undefined;

  constructor(private readonly deps: ProxierDeps) {}

  /** Marks a Service (`namespace/name`) as changed. */
  enqueue(key: string): void {
    this.dirty.add(key);
    this.schedule(0);
  }

  /** Mappings that are not Services': the cluster DNS. They win over a Service's. */
  setFixed(mappings: Mapping[]): void {
    this.fixed = mappings;
    this.schedule(0);
  }

  /** The host's addresses changed: UDP node ports follow. */
  addressesChanged(): void {
    this.addresses = localAddresses();
    for (const { nodePort } of this.ports.values()) void nodePort?.sync(this.addresses);
  }

  /** Other programs flush rules and give ports back without a word: all that should be there is put there again. */
  repair(): void {
    this.deps.portal.distrust();
    this.addressesChanged();
    this.schedule(0);
  }

  private schedule(delayMs: number): void {
    this.due = true;
    if (this.running || this.stopped) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.sync(), delayMs);
  }

  private async sync(): Promise<void> {
    this.running = true;
    this.due = false;
    const begin = performance.now();
    const batch = [...this.dirty];
    this.dirty.clear();
    await Promise.all(batch.map((key) => this.syncService(key).catch((error: unknown) => this.retry(key, error))));
    try {
      await this.deps.portal.apply(this.rules());
      this.lastSyncedMs = this.deps.now();
      this.deps.onSync(performance.now() - begin);
    } catch (error) {
      this.deps.log.error({ err: error }, 'Syncing packet rules failed');
      this.running = false;
      this.schedule(retryMs);
      return;
    }
    this.running = false;
    if (this.due) this.schedule(0);
  }

  /** One Service that cannot be served does not keep the others waiting. */
  private retry(key: string, error: unknown): void {
    this.deps.log.error({ err: error, service: key }, 'Cannot serve the service');
    setTimeout(() => this.enqueue(key), retryMs).unref();
  }

  private async syncService(key: string): Promise<void> {
    const service = this.deps.service(key);
    const entries = service ? entriesOf(service, this.deps.slicesOf(key), this.deps.localNodes()) : [];
    const ids = entries.map(({ id }) => id);
    for (const id of this.portsOf.get(key) ?? []) if (!ids.includes(id)) this.removePort(id);
    if (ids.length) this.portsOf.set(key, ids);
    else this.portsOf.delete(key);
    await Promise.all(entries.map((entry) => this.syncPort(entry)));
  }

  private async syncPort(entry: ServicePortEntry): Promise<void> {
    let state = this.ports.get(entry.id);
    if (state && state.entry.clusterIP !== entry.clusterIP) {
      this.removePort(entry.id);
      state = undefined;
    }
    state ??= await this.addPort(entry);
    const before = state.entry;
    state.entry = entry;
    state.internal.update(entry.internalTargets, entry.affinityMs);
    state.external.update(entry.externalTargets, entry.affinityMs);
    if (!sameTargets(before.internalTargets, entry.internalTargets)) state.high.prune();
    if (!sameTargets(before.externalTargets, entry.externalTargets)) state.nodePort?.prune();
    if (state.nodePort?.port !== entry.nodePort) {
      state.nodePort?.close();
      state.nodePort =
        entry.nodePort === undefined
          ? undefined
          : new NodePortListeners(entry.protocol, entry.nodePort, state.external, this.deps.log);
    }
    await state.nodePort?.sync(this.addresses);
  }

  private async addPort(entry: ServicePortEntry): Promise<PortState> {
    const internal = new LoadBalancer(this.deps.now);
    const external = new LoadBalancer(this.deps.now);
    await this.deps.portal.reach(entry.clusterIP);
    const high = await listenHigh(entry.protocol, entry.clusterIP, entry.port, internal);
    const state: PortState = { entry, internal, external, high, nodePort: undefined };
    this.ports.set(entry.id, state);
    return state;
  }

  private removePort(id: string): void {
    const state = this.ports.get(id);
    this.ports.delete(id);
    state?.high.close();
    state?.nodePort?.close();
  }

  /** A port without endpoints has no mapping, so that it is rejected. */
  private rules(): PortalRules {
    const states = [...this.ports.values()].sort((a, b) => (a.entry.id < b.entry.id ? -1 : 1));
    const isFixed = ({ clusterIP, port, protocol }: ServicePortEntry): boolean =>
      this.fixed.some((known) => known.address === clusterIP && known.port === port && known.protocol === protocol);
    const mappings = states
      .filter(({ entry, internal }) => !internal.isEmpty && !isFixed(entry))
      .flatMap(({ entry, high }) =>
        [entry.clusterIP, ...entry.externalIPs].map((address) => ({
          protocol: entry.protocol,
          address,
          port: entry.port,
          listenAddress: entry.clusterIP,
          listenPort: high.port,
        })),
      );
    const closedNodePorts = states.flatMap(({ entry, external }) =>
      entry.nodePort !== undefined && external.isEmpty ? [{ protocol: entry.protocol, port: entry.nodePort }] : [],
    );
    const addresses = states.map(({ entry }) => entry.clusterIP);
    return { mappings: [...this.fixed, ...mappings], addresses, closedNodePorts };
  }

  /** Stops listening. Packet rules stay: the next process listens on the same ports. */
  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    for (const id of [...this.ports.keys()]) this.removePort(id);
  }
}

/**
 * Keeps listeners and packet rules as the Services and EndpointSlices say. Changes only mark a Service as dirty; one sync at
 * a time brings all dirty ones up to date and touches nothing of the others, so their connections never notice.
 */
import type { Service } from '../api/core/v1/service';
import type { EndpointSlice } from '../api/discovery/v1/endpointslice';
import type { Logger } from '../component-base/logger';
import { HealthCheckServers } from './health-check-servers';
import { type Place, placeServing } from './places';
import { localAddresses } from './local-addresses';
import type { Mapping, Portal, PortalRules } from './portal';
import { closedPortsOf, mappingsOf } from './portal-rules';
import { type Origins, ServiceBalancers } from './service-balancers';
import { type HighListener, listenHigh, NodePortListeners } from './service-listeners';
import { entriesOf, healthCheckOf, type ServicePortEntry } from './service-map';

export interface ProxierDeps {
  portal: Portal;
  service(key: string): Service | undefined;
  slicesOf(key: string): EndpointSlice[];
  places(): readonly Place[];
  isPod(address: string): boolean;
  log: Logger;
  now(): number;
  /** Told how long each sync took, in milliseconds. */
  onSync(durationMs: number): void;
}

interface PortState {
  entry: ServicePortEntry;
  balancers: ServiceBalancers;
  internal: HighListener;
  /** For external addresses. */
  external: HighListener | undefined;
  nodePort: NodePortListeners | undefined;
}

const retryMs = 1000;
/** So that the listeners for external addresses are not in the way of those for the next service ports. */
const externalPortOffset = 5000;

export class Proxier {
  private readonly ports = new Map<string, PortState>();
  /** Ids of the ports of each Service. */
  private readonly portsOf = new Map<string, string[]>();
  private readonly dirty = new Set<string>();
  private readonly origins: Origins;
  private readonly healthChecks: HealthCheckServers;
  private fixed: Mapping[] = [];
  private addresses = localAddresses();
  private timer: NodeJS.Timeout | undefined;
  private running = false;
  /** Something changed since the sync that runs, or ran last, has begun. */
  private due = false;
  private stopped = false;
  /** When everything known was last in place; undefined before the first time. */
  lastSyncedMs: number | undefined;

  constructor(private readonly deps: ProxierDeps) {
    const { places, isPod } = deps;
    this.origins = {
      placeServing: (client, asked) => placeServing(places(), client, asked),
      isInside: (client) => isPod(client) || this.addresses.includes(client),
    };
    this.healthChecks = new HealthCheckServers({
      bindAddress: '0.0.0.0',
      placeAt: (asked) => placeServing(places(), '', asked),
      isHealthy: () => this.lastSyncedMs !== undefined,
    });
  }

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
    const slices = service ? this.deps.slicesOf(key) : [];
    const places = this.deps.places();
    const entries = service ? entriesOf(service, slices, places) : [];
    const ids = entries.map(({ id }) => id);
    for (const id of this.portsOf.get(key) ?? []) if (!ids.includes(id)) this.removePort(id);
    if (ids.length) this.portsOf.set(key, ids);
    else this.portsOf.delete(key);
    await Promise.all(entries.map((entry) => this.syncPort(entry)));
    await this.healthChecks.sync(key, service && healthCheckOf(service, slices, places));
  }

  private async syncPort(entry: ServicePortEntry): Promise<void> {
    let state = this.ports.get(entry.id);
    if (state && state.entry.clusterIP !== entry.clusterIP) {
      this.removePort(entry.id);
      state = undefined;
    }
    state ??= await this.addPort(entry);
    state.entry = entry;
    state.balancers.update(entry);
    await this.syncExternal(state);
    if (state.nodePort?.port !== entry.nodePort) {
      state.nodePort?.close();
      state.nodePort =
        entry.nodePort === undefined
          ? undefined
          : new NodePortListeners(entry.protocol, entry.nodePort, state.balancers.external, this.deps.log);
    }
    for (const listener of [state.internal, state.external, state.nodePort]) listener?.prune();
    await state.nodePort?.sync(this.addresses);
  }

  private async addPort(entry: ServicePortEntry): Promise<PortState> {
    const balancers = new ServiceBalancers(entry, this.origins, this.deps.now);
    await this.deps.portal.reach(entry.clusterIP);
    const internal = await listenHigh(entry.protocol, entry.clusterIP, entry.port, balancers.internal);
    const state: PortState = { entry, balancers, internal, external: undefined, nodePort: undefined };
    this.ports.set(entry.id, state);
    return state;
  }

  private async syncExternal(state: PortState): Promise<void> {
    const { protocol, clusterIP, port, externalIPs, loadBalancerIPs } = state.entry;
    if (externalIPs.length + loadBalancerIPs.length === 0) {
      state.external?.close();
      state.external = undefined;
    } else {
      state.external ??= await listenHigh(protocol, clusterIP, port + externalPortOffset, state.balancers.external);
    }
  }

  private removePort(id: string): void {
    const state = this.ports.get(id);
    this.ports.delete(id);
    for (const listener of [state?.internal, state?.external, state?.nodePort]) listener?.close();
  }

  private rules(): PortalRules {
    const states = [...this.ports.values()].sort((a, b) => (a.entry.id < b.entry.id ? -1 : 1));
    const ports = states.map(({ entry, internal, external }) => ({
      entry,
      internalPort: internal.port,
      externalPort: external?.port,
    }));
    const isFixed = (mapping: Mapping): boolean =>
      this.fixed.some(
        ({ address, port, protocol }) =>
          address === mapping.address && port === mapping.port && protocol === mapping.protocol,
      );
    return {
      mappings: [...this.fixed, ...ports.flatMap(mappingsOf).filter((mapping) => !isFixed(mapping))],
      addresses: states.map(({ entry }) => entry.clusterIP),
      closed: ports.flatMap(closedPortsOf),
    };
  }

  /** Stops listening. Packet rules stay: the next process listens on the same ports. */
  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    for (const id of [...this.ports.keys()]) this.removePort(id);
    this.healthChecks.stop();
  }
}

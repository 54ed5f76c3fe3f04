/** The load balancers of one service port: each place has its own, as if it had a proxy of its own. */
import { LoadBalancer } from './load-balancer';
import type { ServicePortEntry } from './service-map';

/** Who balances a connection of this client to this address of ours. */
export type BalancerOf = (clientAddress: string, askedAddress: string) => LoadBalancer;

/** Where connections come from. */
export interface Origins {
  /** The name of the place. */
  placeServing(clientAddress: string, askedAddress: string): string;
  /** It is a pod of the cluster or a process of this host: traffic policies for external traffic do not hold for it. */
  isInside(clientAddress: string): boolean;
}

interface PlaceBalancers {
  cluster: LoadBalancer;
  local: LoadBalancer;
}

export class ServiceBalancers {
  private readonly places = new Map<string, PlaceBalancers>();

  constructor(
    private entry: ServicePortEntry,
    private readonly origins: Origins,
    private readonly now: () => number,
  ) {
    this.update(entry);
  }

  update(entry: ServicePortEntry): void {
    this.entry = entry;
    for (const name of this.places.keys()) if (!entry.targets.has(name)) this.places.delete(name);
    for (const [name, { cluster, local }] of entry.targets) {
      const balancers = this.places.get(name) ?? this.newBalancers();
      balancers.cluster.update(cluster, entry.affinityMs);
      balancers.local.update(local, entry.affinityMs);
      this.places.set(name, balancers);
    }
  }

  /** For the cluster IP. */
  readonly internal: BalancerOf = (client, asked) => {
    const { cluster, local } = this.balancersAt(this.origins.placeServing(client, asked));
    return this.entry.isInternalLocal ? local : cluster;
  };

  /** For node ports, external IPs and those of load balancers. */
  readonly external: BalancerOf = (client, asked) => {
    const { cluster, local } = this.balancersAt(this.origins.placeServing(client, asked));
    return this.entry.isExternalLocal && !this.origins.isInside(client) ? local : cluster;
  };

  /** A place that came since the last update is served as another, so that no connection is lost. */
  private balancersAt(place: string): PlaceBalancers {
    const [other] = this.places.values();
    return this.places.get(place) ?? other ?? this.newBalancers();
  }

  private newBalancers(): PlaceBalancers {
    return { cluster: new LoadBalancer(this.now), local: new LoadBalancer(this.now) };
  }
}

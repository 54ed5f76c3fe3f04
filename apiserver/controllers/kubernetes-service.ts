/**
 * The `default/kubernetes` Service, by which pods reach the API: the first address of the service range, with the addresses of all
 * API servers alive as endpoints. Upstream: `controlplane/controller/kubernetesservice` and `reconcilers`.
 */
import { endpoints } from '../../api/core/v1/endpoints';
import { services } from '../../api/core/v1/service';
import { endpointSlices } from '../../api/discovery/v1/endpointslice';
import { deepEqual } from '../../api/meta/json';
import type { Loopback } from '../registry/loopback';
import type { ApiServerController } from './controller';
import { ensure } from './ensure';
import { endServerLease, renewServerLease, serverLeases, serversAlive } from './server-leases';

const name = 'kubernetes';
const namespace = 'default';
const renewMs = 5_000;

export interface KubernetesServiceFacts {
  /** The first address of the service range. */
  serviceAddress: string;
  /** Address and port at which this server is reached from the nodes. */
  advertiseAddress: string;
  securePort: number;
}

const servicePorts = (securePort: number) => [{ name: 'https', port: 443, protocol: 'TCP', targetPort: securePort }];

export function kubernetesService(loopback: Loopback, facts: KubernetesServiceFacts): ApiServerController {
  const endpointPorts = [{ name: 'https', port: facts.securePort, protocol: 'TCP' }];

  const ensureService = () =>
    ensure(
      loopback,
      services,
      {
        metadata: { name, namespace, labels: { component: 'apiserver', provider: 'kubernetes' } },
        spec: {
          type: 'ClusterIP',
          clusterIP: facts.serviceAddress,
          clusterIPs: [facts.serviceAddress],
          ipFamilies: ['IPv4'],
          ipFamilyPolicy: 'SingleStack',
          sessionAffinity: 'None',
          ports: servicePorts(facts.securePort),
        },
      },
      ({ spec }) => {
        const wanted = servicePorts(facts.securePort);
        const same = deepEqual(
          spec?.ports?.map(({ name: portName, port, protocol, targetPort }) => ({
            name: portName,
            port,
            protocol,
            targetPort,
          })),
          wanted,
        );
        if (spec && !same) spec.ports = wanted;
      },
    );

  const ensureEndpoints = async (addresses: string[]): Promise<void> => {
    const subsets = [{ addresses: addresses.map((ip) => ({ ip })), ports: endpointPorts }];
    const skipMirror = { 'endpointslice.kubernetes.io/skip-mirror': 'true' };
    await ensure(loopback, endpoints, { metadata: { name, namespace, labels: skipMirror }, subsets }, (current) => {
      current.subsets = subsets;
      current.metadata = { ...current.metadata, labels: { ...current.metadata?.labels, ...skipMirror } };
    });
    const ready = addresses.map((address) => ({ addresses: [address], conditions: { ready: true } }));
    const slice = { addressType: 'IPv4', endpoints: ready, ports: endpointPorts };
    await ensure(
      loopback,
      endpointSlices,
      { metadata: { name, namespace, labels: { 'kubernetes.io/service-name': name } }, ...slice },
      (current) => Object.assign(current, slice),
    );
  };

  const renew = async (): Promise<void> => {
    await ensureService();
    const storage = loopback.storageOf(serverLeases);
    let alive = await renewServerLease(storage, facts.advertiseAddress, loopback.clock.now());
    for (let told: string | undefined; told !== alive.join(); alive = await serversAlive(storage)) {
      // A server that ended since the list was read has been put back by this write: then it is written again.
      told = alive.join();
      await ensureEndpoints(alive.length ? alive : [facts.advertiseAddress]);
    }
  };

  let ended = false;
  let renewing: Promise<void> = Promise.resolve();
  return {
    name: 'start-kubernetes-service-controller',
    everyMs: renewMs,
    async start() {
      if (ended) return;
      renewing = renew();
      await renewing;
    },
    async end() {
      ended = true;
      // A renewal that is under way would bring back what is taken away here.
      await renewing.catch(() => undefined);
      const others = await endServerLease(loopback.storageOf(serverLeases), facts.advertiseAddress);
      // Without any address nobody would find the way to the server that comes next.
      if (others.length) await ensureEndpoints(others);
    },
  };
}

/** kube-proxy: balances Services on this host and answers cluster DNS. One for each host, whatever its number of nodes. */
import { prefixContains } from '../api/networking/v1/prefixes';
import { namespaces } from '../api/core/v1/namespace';
import { createInformerFactory } from '../client/informer-factory';
import { loadKubeconfig } from '../client/kubeconfig';
import { createRestClient } from '../client/rest-client';
import { exponentialBuckets } from '../component-base/metrics';
import { runProcess } from '../component-base/run-process';
import { startServing } from '../component-base/serving';
import { createResponder } from './dns/responder';
import { type DnsServer, startDnsServer } from './dns/server';
import { createUpstream } from './dns/upstream';
import { flags } from './flags';
import { followLocalAddresses } from './local-addresses';
import { createPortal } from './portal';
import { Proxier } from './proxier';
import { createView } from './service-view';

const dnsServiceKey = 'kube-system/kube-dns';

/** Upstream's `--iptables-sync-period`. */
const syncPeriodMs = 30_000;

void runProcess({
  component: 'kube-proxy',
  flags,
  async main(values, { log, signal, clock, metrics, health }) {
    const portal = createPortal(
      values.clusterId,
      { serviceCidr: values.serviceClusterIpRange, clusterCidr: values.clusterCidr },
      log,
    );
    if (values.cleanup) {
      await portal.remove();
      return;
    }
    const client = createRestClient(await loadKubeconfig(values.kubeconfig), { userAgent: 'kube-proxy' });
    const informers = createInformerFactory({ client, clock, log });
    const syncSeconds = metrics.histogram({
      name: 'kubeproxy_sync_proxy_rules_duration_seconds',
      help: 'SyncProxyRules latency in seconds',
      buckets: exponentialBuckets(0.001, 2, 15),
    });
    const view = createView(informers, values.hostnameOverride, {
      onService(key) {
        proxier.enqueue(key);
        if (key === dnsServiceKey) void followDnsService();
      },
      onPlaces() {
        for (const key of view.serviceKeys()) proxier.enqueue(key);
      },
    });
    const proxier = new Proxier({
      portal,
      log,
      service: view.service,
      slicesOf: view.slicesOf,
      places: view.places,
      isPod: (address) => prefixContains(values.clusterCidr, address),
      now: () => clock.now(),
      onSync: (durationMs) => syncSeconds.observe(durationMs / 1000),
    });

    // Only DNS needs them: where it runs in pods of its own, nobody lets kube-proxy read them.
    const dnsInformers = createInformerFactory({ client, clock, log });
    const namespaceLister = dnsInformers.informer(namespaces, { metadataOnly: true }).lister;
    const hasNamespace = (name: string): boolean => namespaceLister.get(name) !== undefined;
    const upstream = createUpstream(values.resolvConf, [values.clusterDns], () => clock.now());
    const respond = createResponder({
      domain: values.clusterDomain,
      view: { ...view, hasNamespace },
      upstream,
    });
    let dns: DnsServer | undefined;
    let dnsTurn: Promise<void> = Promise.resolve();
    /** We answer unless the kube-dns Service has pods of its own. */
    const followDnsService = (): Promise<void> =>
      (dnsTurn = dnsTurn
        .then(async () => {
          const isOurs = !Object.keys(view.service(dnsServiceKey)?.spec?.selector ?? {}).length;
          if (isOurs && !dns && values.clusterDns) {
            dnsInformers.start(signal);
            await dnsInformers.waitForSync(signal);
            dns = await startDnsServer(values.clusterDns, respond);
            proxier.setFixed(dns.mappings);
          } else if (!isOurs && dns) {
            proxier.setFixed([]);
            dns.close();
            dns = undefined;
          }
        })
        .catch((error: unknown) => {
          log.error({ err: error }, 'Cannot serve cluster DNS; it is tried again');
          clock.after(1000, () => void followDnsService());
        }));

    await portal.prepare();
    health.add('proxier', () => {
      if (proxier.lastSyncedMs === undefined) throw new Error('the first sync is not done');
    });
    await serve(values.healthzBindAddress, values.metricsBindAddress);
    informers.start(signal);
    await informers.waitForSync(signal);
    await followDnsService();
    followLocalAddresses(() => proxier.addressesChanged(), log, signal);
    const repairing = setInterval(() => proxier.repair(), syncPeriodMs);
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    clearInterval(repairing);
    proxier.stop();
    dns?.close();
    await client.close();

    async function serve(healthAddress: string, metricsAddress: string): Promise<void> {
      for (const [text, more] of [
        [healthAddress, {}],
        [metricsAddress, { metrics }],
      ] as const) {
        const colon = text.lastIndexOf(':');
        if (colon < 0) continue;
        const [address, port] = [text.slice(0, colon), Number(text.slice(colon + 1))];
        await startServing({ address, port, health, log, signal, ...more });
      }
    }
  },
});

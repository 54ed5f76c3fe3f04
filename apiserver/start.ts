/** Builds an API server from its flags, in the order in which its parts need each other, and runs it. */
import { resources } from '../api/resources';
import type { ProcessContext } from '../component-base/run-process';
import { createServingTls } from '../component-base/tls';
import { readAdmissionConfiguration } from './admission/configuration';
import { createAdmission } from './admission/plugins';
import { advertisedAddress } from './advertised-address';
import { createAggregator } from './aggregation/aggregator';
import { createAudit } from './audit';
import { createAuthentication } from './authentication';
import { createAuthMetrics } from './authentication/auth-metrics';
import { type AuthorizationMode, createAuthorizer } from './authorization';
import { runControllers, runFirstControllers } from './controllers';
import { type CredentialFiles, readCredentialFiles } from './credential-files';
import { createNonResource } from './endpoints/non-resource';
import { createRequestMetrics } from './endpoints/request-metrics';
import { createResourceTable } from './endpoints/served-resource';
import type { ApiServerFlags } from './flags';
import { createFlowControl } from './flow-control';
import { createInFlightGauge } from './flow-control/in-flight';
import { createHandlerChain, type HandlerChain } from './handler-chain';
import { createObjects } from './objects';
import { createProxyHandlers } from './proxy';
import { createConnectHandlers } from './registry/kinds';
import { createLoopback } from './registry/loopback';
import { createRoutes } from './routes';
import { type ApiServerListener, listen } from './server';
import { createServiceResolver } from './service-resolver';
import { createStorageBackend } from './storage/backend';
import { createEncryption } from './storage/encryption';
import { createWebhookClient } from './webhook-client';

/** How long a server that ends tries to take its address out of the endpoints. */
const endControllersMs = 2_000;

export interface ApiServerOptions extends Omit<ProcessContext, 'signal'> {
  flags: ApiServerFlags;
  /** Gives up starting; a server that runs is ended by `stop`. */
  signal?: AbortSignal;
}

export interface RunningApiServer {
  /** The port in use, also when 0 was asked for. */
  readonly port: number;
  /** Fails readyz, stops accepting, ends watches, lets requests finish, and then ends everything else. */
  stop(): Promise<void>;
}

/** Resolves once the server listens. Rejects with one sentence when it cannot start. */
export async function startApiServer(options: ApiServerOptions): Promise<RunningApiServer> {
  const { clock, log, flags } = options;
  const stopping = new AbortController();
  const files = readCredentialFiles(flags);
  const advertiseAddress = advertisedAddress(flags);
  const tls = createServingTls(
    { certFile: flags.tlsCertFile, keyFile: flags.tlsPrivateKeyFile, clientCaFile: flags.clientCaFile },
    log,
  );
  const parts = assemble(options, { files, advertiseAddress, signal: stopping.signal });
  const { loopback, aggregator, chain } = parts;

  const failReadiness = addHealthChecks(options, parts);
  const rbac = flags.authorizationMode.includes('RBAC');
  let endControllers = async (): Promise<void> => {};
  let listener: ApiServerListener | undefined;
  const stop = async (): Promise<void> => {
    failReadiness();
    // An etcd that does not answer must not keep the server from ending.
    const told = endControllers().catch((error: unknown) =>
      log.warn({ err: error }, 'could not tell others of the end'),
    );
    await Promise.race([told, new Promise<void>((resolve) => clock.after(endControllersMs, resolve))]);
    await clock.sleep(flags.shutdownDelayDuration);
    await listener?.close(flags.shutdownGracePeriod);
    stopping.abort(new Error('the server is shutting down'));
    await parts.close();
    tls.close();
  };
  const giveUp = (): void => stopping.abort(options.signal?.reason as Error);
  options.signal?.addEventListener('abort', giveUp, { once: true });
  try {
    loopback.start();
    await loopback.waitForSync(stopping.signal);
    await runFirstControllers(loopback, options.health, rbac);
    aggregator.start();
    listener = await listen({
      tls,
      address: flags.bindAddress,
      port: flags.securePort,
      chain,
      clock,
      metrics: options.metrics,
    });
    endControllers = await runControllers({
      ...parts,
      health: options.health,
      rbac,
      advertiseAddress,
      securePort: listener.port,
      clientCaPem: files.clientCaPem,
      requestHeader: files.requestHeader,
      clusterInfo: files.servedByClientCa
        ? { server: `https://${advertiseAddress}:${listener.port}`, caPem: files.clientCaPem }
        : undefined,
    });
  } catch (error) {
    await stop();
    throw error;
  } finally {
    options.signal?.removeEventListener('abort', giveUp);
  }
  log.info({ address: flags.bindAddress, port: listener.port }, 'Serving securely');
  return { port: listener.port, stop };
}

/** Makes every part of the server and connects them. Nothing runs or listens yet, except the connection to etcd. */
function assemble(
  { clock, log, metrics, health, flags }: ApiServerOptions,
  { files, advertiseAddress, signal }: { files: CredentialFiles; advertiseAddress: string; signal: AbortSignal },
) {
  const audit = createAudit(flags, { clock, log, metrics });

  // What decides over requests comes before the stores that it reads: `createObjects` attaches the loopback to them.
  const loopback = createLoopback({ clock, log, signal });
  const table = createResourceTable(resources);
  const resolve = createServiceResolver(loopback);
  const webhooks = createWebhookClient({ loopback, resolve });
  const aggregator = createAggregator({ loopback, resolve, proxyClient: files.proxyClient, metrics });
  const { authenticate, authenticateToken, issuer, openid } = createAuthentication(flags, files, loopback);
  const authorizer = createAuthorizer({ modes: flags.authorizationMode as AuthorizationMode[], loopback });
  const admission = createAdmission({
    loopback,
    authorizer,
    metrics,
    webhooks,
    table,
    enable: flags.enableAdmissionPlugins,
    disable: flags.disableAdmissionPlugins,
    configurations: readAdmissionConfiguration(flags.admissionControlConfigFile),
  });

  const encryption = createEncryption(
    { path: flags.encryptionProviderConfig, reload: flags.encryptionProviderConfigAutomaticReload },
    { clock, log, metrics },
  );
  const backend = createStorageBackend({
    endpoints: flags.etcdServers,
    tls: files.etcdTls,
    transformerFor: encryption?.transformerFor,
    compactionIntervalMs: flags.etcdCompactionInterval,
    metrics,
    clock,
    log,
  });
  const { stores, allocators, customResources } = createObjects(flags, {
    loopback,
    table,
    backend,
    authorizer,
    admission,
    webhooks,
  });

  const { limiter, fair, routes } = createFlowControl(flags, {
    clock,
    metrics,
    countOf: ({ apiGroup, resource }) => backend.countOf(apiGroup, resource),
  });
  const kubelet = {
    certFile: flags.kubeletClientCertificate,
    keyFile: flags.kubeletClientKey,
    caFile: flags.kubeletCertificateAuthority,
    preferredAddressTypes: flags.kubeletPreferredAddressTypes,
  };
  const proxy = createProxyHandlers({ loopback, log, kubelet });
  const chain: HandlerChain = createHandlerChain({
    table,
    aggregator,
    catchUp: customResources.catchUp,
    stores,
    connectHandlers: createConnectHandlers({ loopback, admission, authorizer, issuer, authenticateToken, proxy }),
    authenticate,
    authorizer,
    audit,
    limiter,
    inFlight: createInFlightGauge(metrics),
    metrics: createRequestMetrics(metrics, ({ apiGroup, apiVersion, resource }) =>
      Boolean(table.find(apiGroup, apiVersion, resource)),
    ),
    authMetrics: createAuthMetrics(metrics),
    log,
    requestTimeoutMs: flags.requestTimeout,
    watchTerminationMs: flags.shutdownWatchTerminationGracePeriod,
    refuseWhenStopping: flags.shutdownSendRetryAfter,
    serveNonResource: createNonResource({
      health,
      metrics,
      log,
      openid,
      routes: [...routes, ...createRoutes(flags, { table, aggregator, advertiseAddress, clock })],
    }),
  });

  const close = async (): Promise<void> => {
    webhooks.close();
    aggregator.close();
    backend.close();
    encryption?.close();
    await audit?.flush();
  };
  return { loopback, table, aggregator, backend, allocators, customResources, fairLimiter: fair, chain, close };
}

/** What `/healthz`, `/livez` and `/readyz` ask, beside the post-start hooks. Gives what is to be done when the server stops. */
function addHealthChecks(
  { health }: ApiServerOptions,
  { backend }: Pick<ReturnType<typeof assemble>, 'backend'>,
): () => void {
  let stopping = false;
  health.add('etcd', () => backend.checkEtcd());
  health.add('informer-sync', () => refuseIf(backend.unfilled().length > 0, 'caches are not filled'), ['readyz']);
  health.add('shutdown', () => refuseIf(stopping, 'the server is shutting down'), ['readyz']);
  return () => {
    stopping = true;
  };
}

function refuseIf(condition: boolean, why: string): void {
  if (condition) throw new Error(why);
}

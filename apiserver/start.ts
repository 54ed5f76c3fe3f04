/** Builds an API server from its flags, in the order in which its parts need each other, and runs it. */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { resources } from '../api/resources';
import type { FlagValues } from '../component-base/flags';
import type { ProcessContext } from '../component-base/run-process';
import { createServingTls, readPem } from '../component-base/tls';
import { createAggregator } from './aggregation/aggregator';
import { readAdmissionConfiguration } from './admission/configuration';
import { createAdmission } from './admission/plugins';
import { createAudit } from './audit';
import { createAuthMetrics } from './authentication/auth-metrics';
import { anonymousPaths, createAuthenticator, createTokenAuthenticator } from './authentication/authenticator';
import { jsonWebKeySet, openidConfiguration } from './authentication/oidc-discovery';
import { createLegacyTokenVerifier } from './authentication/legacy-service-account-tokens';
import { createTokenIssuer, createTokenVerifier, readPublicKeys } from './authentication/service-account-tokens';
import { type AuthorizationMode, createAuthorizer } from './authorization';
import { runControllers } from './controllers';
import { createDiscoveryRoutes } from './endpoints/discovery/routes';
import { createNonResource } from './endpoints/non-resource';
import { createOpenApiRoutes } from './endpoints/openapi/routes';
import { createProfilingRoutes } from './endpoints/profiling';
import { createRequestMetrics } from './endpoints/request-metrics';
import { createResourceTable } from './endpoints/served-resource';
import { createZpages } from './endpoints/zpages';
import type { apiServerFlags } from './flags';
import { createFlowControl } from './flow-control';
import { createInFlightGauge } from './flow-control/in-flight';
import { createHandlerChain } from './handler-chain';
import { createProxyHandlers } from './proxy';
import { createCustomResources } from './apiextensions/serving';
import { matchesLinear } from './cel';
import { createServiceResolver } from './service-resolver';
import { createWebhookClient } from './webhook-client';
import { createConnectHandlers, createServiceAllocators, createStoreHooks } from './registry/kinds';
import { computeComponentStatuses } from './registry/kinds/component-statuses';
import { createLoopback } from './registry/loopback';
import { createStores } from './registry/store';
import { type ApiServerListener, listen } from './server';
import { createStorageBackend, type StorageBackend } from './storage/backend';
import { createEncryption } from './storage/encryption';

/** How long a server that ends tries to take its address out of the endpoints. */
const endControllersMs = 2_000;

export type ApiServerFlags = FlagValues<typeof apiServerFlags>;

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
  const { clock, log, metrics, health, flags } = options;
  const stopping = new AbortController();
  const files = readFiles(flags);
  const advertiseAddress = advertisedAddress(flags);
  const tls = createServingTls(
    { certFile: flags.tlsCertFile, keyFile: flags.tlsPrivateKeyFile, clientCaFile: flags.clientCaFile },
    log,
  );

  const audit = createAudit(flags, { clock, log, metrics });

  // What decides over requests comes before the stores that it reads: the loopback is attached to them below.
  const loopback = createLoopback({ clock, log, signal: stopping.signal });
  const authorizer = createAuthorizer({ modes: flags.authorizationMode as AuthorizationMode[], loopback });
  const table = createResourceTable(resources);
  const resolve = createServiceResolver(loopback);
  const webhooks = createWebhookClient({ loopback, resolve });
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
    { log, metrics },
  );
  const backend = createStorageBackend({
    ...(encryption && { transformerFor: encryption.transformerFor }),
    endpoints: flags.etcdServers,
    ...(files.etcdTls && { tls: files.etcdTls }),
    compactionIntervalMs: flags.etcdCompactionInterval,
    metrics,
    clock,
    log,
  });
  const flowControl = createFlowControl(flags, {
    clock,
    metrics,
    countOf: ({ apiGroup, resource }) => backend.countOf(apiGroup, resource),
  });
  const allocators = createServiceAllocators({
    loopback,
    serviceCidr: flags.serviceClusterIpRange,
    nodePortRange: flags.serviceNodePortRange,
  });
  const hooks = createStoreHooks({ loopback, authorizer, allocators });
  const aggregator = createAggregator({ loopback, resolve, ...files.proxyClient });
  const validation = { matches: matchesLinear };
  const customResources = createCustomResources({ loopback, table, backend, webhooks, validation });
  const storageFor: StorageBackend['storageFor'] = (definition) =>
    customResources.storageFor(definition) ?? backend.storageFor(definition);
  const stores = createStores({
    storageFor,
    admission,
    hooks,
    computed: { componentstatuses: computeComponentStatuses({ loopback, checkEtcd: () => backend.checkEtcd() }) },
    clock,
    ttlSeconds: ({ ttlSeconds }) => (ttlSeconds === undefined ? undefined : flags.eventTtl / 1000),
  });
  loopback.attach({ stores, storageOf: storageFor });
  for (const definition of resources) if (definition.verbs.includes('watch')) backend.storageFor(definition);

  const audiences = [flags.serviceAccountIssuer];
  const issuer = createTokenIssuer({
    issuer: flags.serviceAccountIssuer,
    privateKeyPem: files.signingKey,
    audiences,
    clock,
  });
  const serviceAccounts = createTokenVerifier({
    issuers: [flags.serviceAccountIssuer],
    publicKeyPems: files.publicKeys,
    audiences,
    loopback,
  });
  const keys = readPublicKeys(files.publicKeys);
  const tokens = {
    ...(files.staticTokens !== undefined && { staticTokens: files.staticTokens }),
    bootstrapTokens: flags.enableBootstrapTokenAuth,
    serviceAccounts,
    legacyServiceAccounts: createLegacyTokenVerifier({ keys, loopback }),
    audiences,
    loopback,
  };
  const chain = createHandlerChain({
    table,
    aggregator,
    catchUp: customResources.catchUp,
    stores,
    connectHandlers: createConnectHandlers({
      loopback,
      admission,
      authorizer,
      issuer,
      authenticateToken: createTokenAuthenticator(tokens),
      proxy: createProxyHandlers({
        loopback,
        log,
        kubelet: {
          certFile: flags.kubeletClientCertificate,
          keyFile: flags.kubeletClientKey,
          caFile: flags.kubeletCertificateAuthority,
          preferredAddressTypes: flags.kubeletPreferredAddressTypes,
        },
      }),
    }),
    authenticate: createAuthenticator({
      ...tokens,
      ...files.requestHeader,
      anonymous: { enabled: flags.anonymousAuth, paths: anonymousPaths },
    }),
    authorizer,
    ...(audit && { audit }),
    limiter: flowControl.limiter,
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
      openid: {
        '/.well-known/openid-configuration': openidConfiguration(
          flags.serviceAccountIssuer,
          `${flags.serviceAccountIssuer}/openid/v1/jwks`,
          keys,
        ),
        '/openid/v1/jwks': jsonWebKeySet(keys),
      },
      routes: [
        ...flowControl.routes,
        ...(flags.profiling ? [createProfilingRoutes()] : []),
        createZpages('kube-apiserver', flags, clock.now()),
        createDiscoveryRoutes(table.definitions, `${advertiseAddress}:${flags.securePort}`, aggregator.remoteVersions),
        createOpenApiRoutes(table.definitions, aggregator.remoteVersions),
      ],
    }),
  });

  let phase: 'starting' | 'running' | 'stopping' = 'starting';
  health.add('etcd', () => backend.checkEtcd());
  health.add('informer-sync', () => refuseIf(backend.unfilled().length > 0, 'caches are not filled'), ['readyz']);
  health.add('poststarthook', () => refuseIf(phase === 'starting', 'post-start hooks have not finished'));
  health.add('shutdown', () => refuseIf(phase === 'stopping', 'the server is shutting down'), ['readyz']);

  let endControllers = async (): Promise<void> => {};
  let listener: ApiServerListener | undefined;
  const stop = async (): Promise<void> => {
    phase = 'stopping';
    // An etcd that does not answer must not keep the server from ending.
    const told = endControllers().catch((error: unknown) =>
      log.warn({ err: error }, 'could not tell others of the end'),
    );
    await Promise.race([told, new Promise<void>((resolve) => clock.after(endControllersMs, resolve))]);
    await clock.sleep(flags.shutdownDelayDuration);
    await listener?.close(flags.shutdownGracePeriod);
    stopping.abort(new Error('the server is shutting down'));
    webhooks.close();
    aggregator.close();
    backend.close();
    encryption?.close();
    tls.close();
    await audit?.flush();
  };
  const giveUp = (): void => stopping.abort(options.signal?.reason as Error);
  options.signal?.addEventListener('abort', giveUp, { once: true });
  try {
    loopback.start();
    // Without roles and bindings every request would be refused: clients rather find nobody listening yet.
    await loopback.waitForSync(stopping.signal);
    aggregator.start();
    listener = await listen({ tls, address: flags.bindAddress, port: flags.securePort, chain, clock });
    endControllers = await runControllers({
      loopback,
      allocators,
      customResources,
      table,
      rbac: flags.authorizationMode.includes('RBAC'),
      fairLimiter: flowControl.fair,
      advertiseAddress,
      securePort: listener.port,
      clientCaPem: files.clientCaPem,
      ...files.requestHeader,
      served: table.definitions,
      ...(files.servedByClientCa && {
        clusterInfo: {
          server: `https://${advertiseAddress}:${listener.port}`,
          caPem: files.clientCaPem,
        },
      }),
    });
  } catch (error) {
    await stop();
    throw error;
  } finally {
    options.signal?.removeEventListener('abort', giveUp);
  }
  phase = 'running';
  log.info({ address: flags.bindAddress, port: listener.port }, 'Serving securely');
  return { port: listener.port, stop };
}

function refuseIf(condition: boolean, why: string): void {
  if (condition) throw new Error(why);
}

/** Where pods and other hosts reach this server: the flag, the address it listens on, or else the host's first. */
function advertisedAddress({ advertiseAddress, bindAddress }: ApiServerFlags): string {
  if (advertiseAddress) return advertiseAddress;
  if (bindAddress && !/^(0\.0\.0\.0|::1?|127\..*)$/.test(bindAddress)) return bindAddress;
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1';
}

/** The files that flags name. Throws with the flag and the file when one cannot be read. */
function readFiles(flags: ApiServerFlags) {
  const { etcdCafile, etcdCertfile, etcdKeyfile } = flags;
  const needed = {
    'etcd-servers': flags.etcdServers.join(),
    'tls-cert-file': flags.tlsCertFile,
    'tls-private-key-file': flags.tlsPrivateKeyFile,
    'client-ca-file': flags.clientCaFile,
    'service-account-signing-key-file': flags.serviceAccountSigningKeyFile,
    'service-account-key-file': flags.serviceAccountKeyFile.join(),
  };
  for (const [flag, value] of Object.entries(needed)) if (!value) throw new Error(`--${flag} is required`);
  const clientCa = readPem(flags.clientCaFile, '--client-ca-file');
  return {
    ...(etcdCafile && {
      etcdTls: {
        ca: readPem(etcdCafile, '--etcd-cafile'),
        ...(etcdCertfile && { cert: readPem(etcdCertfile, '--etcd-certfile') }),
        ...(etcdKeyfile && { key: readPem(etcdKeyfile, '--etcd-keyfile') }),
      },
    }),
    clientCaPem: clientCa.toString(),
    servedByClientCa: new X509Certificate(readPem(flags.tlsCertFile)).verify(new X509Certificate(clientCa).publicKey),
    ...readFrontProxyFiles(flags),
    signingKey: readPem(flags.serviceAccountSigningKeyFile, '--service-account-signing-key-file'),
    publicKeys: flags.serviceAccountKeyFile.map((path) => readPem(path, '--service-account-key-file')),
    ...(flags.tokenAuthFile && { staticTokens: readFileSync(flags.tokenAuthFile, 'utf8') }),
  };
}

/** Whom this server believes as a front proxy, and how it proves itself as one to others. */
function readFrontProxyFiles(flags: ApiServerFlags) {
  const { requestheaderClientCaFile: ca, proxyClientCertFile: cert, proxyClientKeyFile: key } = flags;
  return {
    requestHeader: ca
      ? {
          requestHeader: {
            caPem: readPem(ca, '--requestheader-client-ca-file').toString(),
            allowedNames: flags.requestheaderAllowedNames,
            usernameHeaders: flags.requestheaderUsernameHeaders,
            uidHeaders: flags.requestheaderUidHeaders,
            groupHeaders: flags.requestheaderGroupHeaders,
            extraHeaderPrefixes: flags.requestheaderExtraHeadersPrefix,
          },
        }
      : {},
    proxyClient:
      cert && key
        ? {
            proxyClient: {
              cert: readPem(cert, '--proxy-client-cert-file'),
              key: readPem(key, '--proxy-client-key-file'),
            },
          }
        : {},
  };
}

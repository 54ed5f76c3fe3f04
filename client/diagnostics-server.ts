/**
 * The port of the scheduler and the controller manager: health for everybody, metrics for those whom the API server lets;
 * without a certificate on loopback alone. Upstream: `SecureServingOptions` with delegated authentication.
 */
import { defineFlags, type FlagValues } from '../component-base/flags';
import type { ProcessContext } from '../component-base/run-process';
import { startServing } from '../component-base/serving';
import { authorizePaths, createDelegatedAuth } from './delegated-auth';
import type { RestClient } from './rest-client';

/** What each process adds is the default of `--secure-port`. */
export const diagnosticsFlags = defineFlags({
  'bind-address': { type: 'string', default: '0.0.0.0', help: 'Where to listen on --secure-port.' },
  'tls-cert-file': { type: 'string', help: 'Certificate of the secure port; without it plain HTTP on loopback.' },
  'tls-private-key-file': { type: 'string', help: 'Private key of --tls-cert-file.' },
  'client-ca-file': { type: 'string', help: 'CAs of the client certificates accepted for metrics.' },
});

type Values = FlagValues<typeof diagnosticsFlags> & { securePort: number };

/** Does nothing with `--secure-port=0`. */
export async function serveDiagnostics(values: Values, context: ProcessContext, client: RestClient): Promise<void> {
  if (values.securePort === 0) return;
  const { clock, health, log, metrics, signal } = context;
  const withTls = values.tlsCertFile !== '';
  await startServing({
    address: withTls ? values.bindAddress : '127.0.0.1',
    port: values.securePort,
    ...(withTls && {
      tls: {
        certFile: values.tlsCertFile,
        keyFile: values.tlsPrivateKeyFile,
        ...(values.clientCaFile && { clientCaFile: values.clientCaFile }),
      },
    }),
    health,
    metrics,
    authorize: authorizePaths(createDelegatedAuth({ client, clock })),
    log,
    signal,
  });
}

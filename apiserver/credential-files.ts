/** The keys, certificates and tokens that flags name: all read before anything starts, so that what is missing is told at once. */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readPem } from '../component-base/tls';
import type { ProxyClient } from './aggregation/extension-server';
import type { RequestHeaderOptions } from './authentication/request-header';
import type { ApiServerFlags } from './flags';
import type { EtcdTls } from './storage/etcd';

export interface CredentialFiles {
  /** By which this server knows etcd, and etcd this server; undefined: etcd speaks plain HTTP. */
  etcdTls?: EtcdTls;
  /** PEM of the CA of client certificates. */
  clientCaPem: string;
  /** Whether that CA issued this server's certificate too: then it is what clients need to trust this server. */
  servedByClientCa: boolean;
  /** Whom this server believes as a front proxy. */
  requestHeader?: RequestHeaderOptions;
  /** How it proves itself as a front proxy to the servers it passes requests on to. */
  proxyClient?: ProxyClient;
  /** PEM: signs the tokens of service accounts. */
  signingKey: Buffer;
  /** PEM, one or more keys each: verify the tokens of service accounts. */
  publicKeys: Buffer[];
  /** Text of the static token file. */
  staticTokens?: string;
}

/** Throws with the flag and the file when one is missing or cannot be read. */
export function readCredentialFiles(flags: ApiServerFlags): CredentialFiles {
  requireFlags(flags);
  const clientCa = readPem(flags.clientCaFile, '--client-ca-file');
  return {
    etcdTls: readEtcdTls(flags),
    clientCaPem: clientCa.toString(),
    servedByClientCa: new X509Certificate(readPem(flags.tlsCertFile)).verify(new X509Certificate(clientCa).publicKey),
    requestHeader: readRequestHeader(flags),
    proxyClient: readProxyClient(flags),
    signingKey: readPem(flags.serviceAccountSigningKeyFile, '--service-account-signing-key-file'),
    publicKeys: flags.serviceAccountKeyFile.map((path) => readPem(path, '--service-account-key-file')),
    staticTokens: flags.tokenAuthFile ? readFileSync(flags.tokenAuthFile, 'utf8') : undefined,
  };
}

function requireFlags(flags: ApiServerFlags): void {
  const needed = {
    'etcd-servers': flags.etcdServers.join(),
    'tls-cert-file': flags.tlsCertFile,
    'tls-private-key-file': flags.tlsPrivateKeyFile,
    'client-ca-file': flags.clientCaFile,
    'service-account-signing-key-file': flags.serviceAccountSigningKeyFile,
    'service-account-key-file': flags.serviceAccountKeyFile.join(),
  };
  for (const [flag, value] of Object.entries(needed)) if (!value) throw new Error(`--${flag} is required`);
}

function readEtcdTls({ etcdCafile, etcdCertfile, etcdKeyfile }: ApiServerFlags): EtcdTls | undefined {
  if (!etcdCafile) return undefined;
  return {
    ca: readPem(etcdCafile, '--etcd-cafile'),
    ...(etcdCertfile && { cert: readPem(etcdCertfile, '--etcd-certfile') }),
    ...(etcdKeyfile && { key: readPem(etcdKeyfile, '--etcd-keyfile') }),
  };
}

function readRequestHeader(flags: ApiServerFlags): RequestHeaderOptions | undefined {
  if (!flags.requestheaderClientCaFile) return undefined;
  return {
    caPem: readPem(flags.requestheaderClientCaFile, '--requestheader-client-ca-file').toString(),
    allowedNames: flags.requestheaderAllowedNames,
    usernameHeaders: flags.requestheaderUsernameHeaders,
    uidHeaders: flags.requestheaderUidHeaders,
    groupHeaders: flags.requestheaderGroupHeaders,
    extraHeaderPrefixes: flags.requestheaderExtraHeadersPrefix,
  };
}

function readProxyClient({ proxyClientCertFile, proxyClientKeyFile }: ApiServerFlags): ProxyClient | undefined {
  if (!proxyClientCertFile || !proxyClientKeyFile) return undefined;
  return {
    cert: readPem(proxyClientCertFile, '--proxy-client-cert-file'),
    key: readPem(proxyClientKeyFile, '--proxy-client-key-file'),
  };
}

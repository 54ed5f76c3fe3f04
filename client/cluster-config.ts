/** How to reach and trust an API server, and who we are to it. */
import { readPem } from '../component-base/tls';

/**
 * PEM material is in buffers. Where it came from files their paths are kept too: the client then follows their rotation.
 */
export interface ClusterConfig {
  /** `https://host:port`, possibly with a path. */
  server: string;
  ca?: Buffer;
  caFile?: string;
  clientCert?: Buffer;
  clientCertFile?: string;
  clientKey?: Buffer;
  clientKeyFile?: string;
  token?: string;
  /** Read again every minute; wins over `token`. */
  tokenFile?: string;
  insecureSkipTlsVerify?: boolean;
  /** The name to expect in the server's certificate instead of its host. */
  tlsServerName?: string;
}

/** The TLS material as it is now: files are read again. */
export function readTlsMaterial(cluster: ClusterConfig): { ca?: Buffer; cert?: Buffer; key?: Buffer } {
  const pick = (file: string | undefined, buffer: Buffer | undefined, what: string): Buffer | undefined =>
    file ? readPem(file, what) : buffer;
  const ca = pick(cluster.caFile, cluster.ca, 'certificate authority');
  const cert = pick(cluster.clientCertFile, cluster.clientCert, 'client certificate');
  const key = pick(cluster.clientKeyFile, cluster.clientKey, 'client key');
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
}

/** The files whose change means new TLS material. */
export const tlsFilesOf = (cluster: ClusterConfig): string[] =>
  [cluster.caFile, cluster.clientCertFile, cluster.clientKeyFile].filter((path) => path !== undefined);

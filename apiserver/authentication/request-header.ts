/**
 * The user that a front proxy names in `X-Remote-*` headers, believed only when its certificate is of the front proxies' own
 * CA and its name is allowed. From anybody else these headers mean nothing. Upstream: `authentication/request/headerrequest`.
 */
import { X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { unescapeHeaderKey } from '../aggregation/request-headers';
import type { UserInfo } from '../request-context';
import { userOfSubject } from './client-certificate';

export interface RequestHeaderOptions {
  /** --requestheader-client-ca-file: PEM of one or more CAs. */
  caPem: string;
  /** --requestheader-allowed-names; empty: any name of that CA. */
  allowedNames: readonly string[];
  usernameHeaders: readonly string[];
  uidHeaders: readonly string[];
  groupHeaders: readonly string[];
  extraHeaderPrefixes: readonly string[];
}

const clientAuth = '1.3.6.1.5.5.7.3.2';

/** The name in a certificate that one of the CAs issued for clients; undefined for every other. */
export function frontProxyName(certificate: X509Certificate, authorities: readonly X509Certificate[], nowMs: number) {
  const issued = authorities.some((ca) => certificate.checkIssued(ca) && certificate.verify(ca.publicKey));
  // A certificate that names no usages is good for all, though the type says that there always are some.
  const usages = certificate.keyUsage as readonly string[] | undefined;
  if (!issued || (usages && !usages.includes(clientAuth))) return undefined;
  if (nowMs < Date.parse(certificate.validFrom) || nowMs > Date.parse(certificate.validTo)) return undefined;
  return userOfSubject(certificate.toLegacyObject().subject)?.name;
}

const valuesOf = (value: string | string[] | undefined): string[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];

/** Each line of a header is a value of its own: `headersDistinct` keeps them apart. */
export function userOfHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  options: RequestHeaderOptions,
): UserInfo | undefined {
  const all = (names: readonly string[]): string[] => names.flatMap((name) => valuesOf(headers[name.toLowerCase()]));
  const name = all(options.usernameHeaders).find(Boolean);
  if (!name) return undefined;
  const uid = all(options.uidHeaders).find(Boolean);
  const extra: Record<string, string[]> = Object.create(null) as Record<string, string[]>;
  for (const prefix of options.extraHeaderPrefixes.map((text) => text.toLowerCase())) {
    for (const [header, value] of Object.entries(headers)) {
      if (!header.startsWith(prefix)) continue;
      const key = unescapeHeaderKey(header.slice(prefix.length));
      extra[key] = [...(extra[key] ?? []), ...valuesOf(value)];
    }
  }
  return {
    name,
    ...(uid && { uid }),
    groups: all(options.groupHeaders),
    ...(Object.keys(extra).length && { extra: { ...extra } }),
  };
}

/** Gives the named user, or undefined when this is no front proxy of ours. */
export function createRequestHeaderAuthenticator(
  options: RequestHeaderOptions,
  now: () => number,
): (request: IncomingMessage) => UserInfo | undefined {
  const pems = options.caPem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  const authorities = pems.map((pem) => new X509Certificate(pem));
  return (request) => {
    const asked = options.usernameHeaders.some((name) => request.headers[name.toLowerCase()] !== undefined);
    if (!asked) return undefined;
    const certificate = (request.socket as Partial<TLSSocket>).getPeerX509Certificate?.();
    const name = certificate && frontProxyName(certificate, authorities, now());
    if (!name || (options.allowedNames.length > 0 && !options.allowedNames.includes(name))) return undefined;
    return userOfHeaders(request.headersDistinct, options);
  };
}

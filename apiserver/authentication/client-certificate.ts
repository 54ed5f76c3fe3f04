/** Identity from a TLS client certificate: CN is the user, each O a group. Upstream: `authentication/request/x509`. */
import { createHash } from 'node:crypto';
import type { PeerCertificate, TLSSocket } from 'node:tls';
import type { UserInfo } from '../request-context';

/** What a connection's certificate says. `error` means: it gave one that does not count. */
export type CertificateIdentity =
  { user: UserInfo; notBeforeMs: number; notAfterMs: number } | { error: string } | undefined;

const toArray = (value: string | string[] | undefined): string[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];

/** The user of a verified certificate's subject; undefined without a CN. With several CNs the last counts, as in Go. */
export function userOfSubject(subject: { CN?: string | string[]; O?: string | string[] }): UserInfo | undefined {
  const name = toArray(subject.CN).at(-1);
  return name ? { name, groups: toArray(subject.O) } : undefined;
}

const credentialIdOf = ({ raw }: Partial<PeerCertificate>): string =>
  `X509SHA256=${createHash('sha256')
    .update(raw ?? '')
    .digest('hex')}`;

/**
 * Needs a server with `requestCert: true, rejectUnauthorized: false` and the client CA. Checks that the chain was verified and
 * that there is a certificate at all: a resumed session without one also counts as authorized in Node.
 */
export function readClientCertificate(
  socket: Pick<TLSSocket, 'authorized' | 'authorizationError' | 'getPeerCertificate'>,
): CertificateIdentity {
  const certificate = socket.getPeerCertificate?.() as Partial<PeerCertificate> | undefined;
  if (!certificate?.subject) return undefined;
  if (!socket.authorized) return { error: `x509: ${String(socket.authorizationError)}` };
  const user = userOfSubject(certificate.subject);
  if (!user) return undefined;
  return {
    user: { ...user, extra: { 'authentication.kubernetes.io/credential-id': [credentialIdOf(certificate)] } },
    notBeforeMs: Date.parse(certificate.valid_from ?? ''),
    notAfterMs: Date.parse(certificate.valid_to ?? ''),
  };
}

/** One reading per connection; the validity is checked for every request, since connections live long. */
export function createCertificateReader(
  now: () => number,
): (socket: TLSSocket) => UserInfo | { error: string } | undefined {
  const identities = new WeakMap<object, { identity: CertificateIdentity }>();
  return (socket) => {
    if (typeof socket.getPeerCertificate !== 'function') return undefined;
    let known = identities.get(socket);
    if (!known) {
      known = { identity: readClientCertificate(socket) };
      identities.set(socket, known);
    }
    const { identity } = known;
    if (!identity || 'error' in identity) return identity;
    const nowMs = now();
    if (!(nowMs >= identity.notBeforeMs && nowMs <= identity.notAfterMs)) {
      return { error: 'x509: certificate has expired or is not yet valid' };
    }
    return identity.user;
  };
}

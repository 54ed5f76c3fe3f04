/** Why another server was not reached, in the words of Go's HTTP client, which users search for. */

const verification = 'tls: failed to verify certificate: x509: ';

const tlsFailures: Record<string, string> = {
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate signed by unknown authority',
  UNABLE_TO_GET_ISSUER_CERT: 'certificate signed by unknown authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate signed by unknown authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate signed by unknown authority',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate signed by unknown authority',
  CERT_SIGNATURE_FAILURE: 'certificate signed by unknown authority',
  CERT_HAS_EXPIRED: 'certificate has expired or is not yet valid',
  CERT_NOT_YET_VALID: 'certificate has expired or is not yet valid',
};

interface NodeError extends NodeJS.ErrnoException {
  address?: string;
  port?: number;
  hostname?: string;
  host?: string;
  cert?: { subjectaltname?: string };
  errors?: NodeError[];
}

/** Pure: the text after `Post "…": `. */
export function transportErrorMessage(error: unknown): string {
  const failure = firstOf(error as NodeError);
  const code = failure.code ?? '';
  const address = failure.address ? ` ${failure.address}:${failure.port}` : '';
  if (code in tlsFailures) return verification + tlsFailures[code];
  switch (code) {
    case 'ECONNREFUSED':
      return `dial tcp${address}: connect: connection refused`;
    case 'EHOSTUNREACH':
      return `dial tcp${address}: connect: no route to host`;
    case 'ENETUNREACH':
      return `dial tcp${address}: connect: network is unreachable`;
    case 'ETIMEDOUT':
      return `dial tcp${address}: connect: connection timed out`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `dial tcp: lookup ${failure.hostname}: no such host`;
    case 'ECONNRESET':
    case 'EPIPE':
      return 'EOF';
    case 'ERR_TLS_CERT_ALTNAME_INVALID': {
      const names = (failure.cert?.subjectaltname ?? '').replace(/(DNS|IP Address):/g, '');
      return `${verification}certificate is valid for ${names}, not ${failure.host}`;
    }
    case 'EPROTO':
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      if (!/wrong version number|packet length too long/.test(failure.message)) return failure.message.trim();
      return 'http: server gave HTTP response to HTTPS client';
    default:
      return failure.message;
  }
}

/** Node tries several addresses of one name and gives all their errors; Go prints the first. */
const firstOf = (error: NodeError): NodeError => error.errors?.[0] ?? error;

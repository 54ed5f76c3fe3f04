/** Gets a certificate through a CertificateSigningRequest: makes the key, asks, waits for approval and issue. */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { certificateSigningRequests } from '../../api/certificates/v1/certificatesigningrequest';
import type { RestClient } from '../../client/rest-client';
import type { Clock } from '../../component-base/clock';

export interface CertificateRequest {
  signerName: string;
  usages: string[];
  commonName: string;
  organization: string;
  ipAddresses?: string[];
  dnsNames?: string[];
}

export interface IssuedCertificate {
  /** PEM. */
  certificate: string;
  key: string;
}

export class CertificateDeniedError extends Error {
  override readonly name = 'CertificateDeniedError';
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** Rejects with CertificateDeniedError, or when the signal aborts. */
export async function requestCertificate(
  { client, clock }: { client: RestClient; clock: Clock },
  request: CertificateRequest,
  signal: AbortSignal,
): Promise<IssuedCertificate> {
  x509.cryptoProvider.set(webcrypto as never);
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const names: x509.JsonGeneralNames = [
    ...(request.dnsNames ?? []).map((value) => ({ type: 'dns' as const, value })),
    ...(request.ipAddresses ?? []).map((value) => ({ type: 'ip' as const, value })),
  ];
  const csr = await x509.Pkcs10CertificateRequestGenerator.create({
    name: [{ O: [request.organization] }, { CN: [request.commonName] }],
    keys: keys as never,
    signingAlgorithm: algorithm,
    extensions: names.length ? [new x509.SubjectAlternativeNameExtension(names)] : [],
  });
  const created = await client.create(certificateSigningRequests, {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { generateName: 'csr-' },
    spec: {
      request: Buffer.from(csr.toString('pem')).toString('base64'),
      signerName: request.signerName,
      usages: request.usages,
    },
  });
  const certificate = await waitForIssue({ client, clock }, created.metadata.name, signal);
  const der = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  const key = x509.PemConverter.encode(der, 'PRIVATE KEY');
  return { certificate, key: `${key}\n` };
}

async function waitForIssue(
  { client, clock }: { client: RestClient; clock: Clock },
  name: string,
  signal: AbortSignal,
): Promise<string> {
  // A watch would be cut short by nothing and needs one more right; requests are answered within a second.
  for (let delayMs = 100; ; delayMs = Math.min(delayMs * 1.5, 5000)) {
    const { status } = await client.get(certificateSigningRequests, name);
    const refused = status?.conditions?.find(({ type }) => type === 'Denied' || type === 'Failed');
    if (refused)
      throw new CertificateDeniedError(
        `certificate signing request is ${refused.type.toLowerCase()}: ${refused.reason ?? ''} ${refused.message ?? ''}`,
      );
    if (status?.certificate) return Buffer.from(status.certificate, 'base64').toString();
    await clock.sleep(delayMs, signal);
  }
}

/** Upstream renews between 70 and 90 % of a certificate's life; `random` is within [0, 1). */
export function renewalTimeMs(certificatePem: string, random: number): number {
  const certificate = new x509.X509Certificate(certificatePem);
  const fromMs = certificate.notBefore.getTime();
  const lifeMs = certificate.notAfter.getTime() - fromMs;
  return fromMs + lifeMs * (0.7 + 0.2 * random);
}

export const expiryMs = (certificatePem: string): number => new x509.X509Certificate(certificatePem).notAfter.getTime();

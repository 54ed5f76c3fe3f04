import 'reflect-metadata';
import { X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import {
  certificateEndMs,
  loadSigner,
  readRequest,
  signRequest,
} from '../../../../../controller-manager/controllers/certificates/x509';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

async function authority() {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=kubernetes',
    keys,
    signingAlgorithm: algorithm,
    notAfter: new Date('2036-01-01T00:00:00Z'),
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
  });
  const key = x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  return { pem: certificate.toString('pem'), key };
}

async function request(name: string, extensions: x509.Extension[] = []): Promise<string> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const csr = await x509.Pkcs10CertificateRequestGenerator.create({
    name,
    keys,
    signingAlgorithm: algorithm,
    extensions,
  });
  return Buffer.from(csr.toString('pem')).toString('base64');
}

const nodeRequest = async (): Promise<string> =>
  request('O=system:nodes, CN=system:node:n1', [
    new x509.SubjectAlternativeNameExtension([
      { type: 'dns', value: 'n1' },
      { type: 'ip', value: '10.0.0.1' },
    ]),
  ]);

describe('readRequest', () => {
  it('reads subject and alternative names', async () => {
    expect(await readRequest(await nodeRequest())).toEqual({
      commonName: 'system:node:n1',
      organizations: ['system:nodes'],
      dnsNames: ['n1'],
      ipAddresses: ['10.0.0.1'],
      emailAddresses: [],
      uris: [],
    });
  });
  it('refuses what is no request', async () => {
    await expect(readRequest(Buffer.from('hello').toString('base64'))).rejects.toThrow('CERTIFICATE REQUEST');
  });
});

describe('signRequest', () => {
  const hourMs = 3_600_000;
  const nowMs = Date.parse('2026-06-01T00:00:00Z');

  it('issues what was asked for, signed by the CA and never as one', async () => {
    const { pem, key } = await authority();
    const signer = await loadSigner(pem, key);
    const validity = { notBeforeMs: nowMs, notAfterMs: nowMs + hourMs };
    const usages = ['digital signature', 'server auth'];
    const issued = await signRequest(await nodeRequest(), usages, signer, validity);
    const certificate = new X509Certificate(Buffer.from(issued, 'base64'));
    expect(certificate.verify(new X509Certificate(pem).publicKey)).toBe(true);
    expect(certificate.subject).toBe('O=system:nodes\nCN=system:node:n1');
    expect(certificate.subjectAltName).toBe('DNS:n1, IP Address:10.0.0.1');
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(certificate.ca).toBe(false);
    expect(certificateEndMs(issued)).toBe(nowMs + hourMs);
  });

  it('never outlives the CA', async () => {
    const { pem, key } = await authority();
    const validity = { notBeforeMs: nowMs, notAfterMs: nowMs + 1e5 * hourMs };
    const issued = await signRequest(await nodeRequest(), ['client auth'], await loadSigner(pem, key), validity);
    expect(certificateEndMs(issued)).toBe(Date.parse('2036-01-01T00:00:00Z'));
  });

  it('refuses a key that is not the CA’s, and usages that nobody knows', async () => {
    const [one, other] = [await authority(), await authority()];
    await expect(loadSigner(one.pem, other.key)).rejects.toThrow('does not belong');
    const signer = await loadSigner(one.pem, one.key);
    const validity = { notBeforeMs: nowMs, notAfterMs: nowMs + hourMs };
    await expect(signRequest(await nodeRequest(), ['flying'], signer, validity)).rejects.toThrow('flying');
  });
});

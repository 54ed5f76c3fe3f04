/** Gets a client certificate from the cluster by a CertificateSigningRequest; the private key never leaves this host. */
import 'reflect-metadata';
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { certificateSigningRequests } from '../api/certificates/v1/certificatesigningrequest';
import type { RestClient } from '../client/rest-client';
import { writeFileAtomic } from './cluster';
import type { KeyPairFiles } from './pki';
import { SetupError } from './setup-error';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const deadlineMs = 60_000;
const renewMs = 30 * 86_400_000;

/** Keeps a pair that is good for a month or more; else asks and waits for approval and signature. */
export async function requestClientCertificate(
  client: RestClient,
  folder: string,
  name: string,
  commonName: string,
): Promise<KeyPairFiles> {
  const files = { cert: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) };
  const present = await readFile(files.cert, 'utf8').catch(() => undefined);
  if (present && new Date(new X509Certificate(present).validTo).getTime() - Date.now() > renewMs) return files;
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: new x509.Name([{ CN: [commonName] }]).toString(),
    keys,
    signingAlgorithm: algorithm,
  });
  const created = await client.create(certificateSigningRequests, {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { generateName: `${name}-` },
    spec: {
      request: Buffer.from(request.toString('pem')).toString('base64'),
      signerName: 'kubernetes.io/kube-apiserver-client',
      usages: ['digital signature', 'key encipherment', 'client auth'],
    },
  });
  const certificate = await waitForCertificate(client, created.metadata.name);
  const key = x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  await writeFileAtomic(files.key, `${key}\n`);
  await writeFileAtomic(files.cert, Buffer.from(certificate, 'base64').toString(), 0o644);
  return files;
}

async function waitForCertificate(client: RestClient, name: string): Promise<string> {
  const signal = AbortSignal.timeout(deadlineMs);
  try {
    const events = client.watch(certificateSigningRequests, { fieldSelector: `metadata.name=${name}`, signal });
    for await (const { object } of events) {
      if (object.status?.certificate) return object.status.certificate;
      const refusal = object.status?.conditions?.find(({ type }) => type === 'Denied' || type === 'Failed');
      if (refusal)
        throw new SetupError(`The cluster refused the certificate ${name}: ${refusal.message ?? refusal.type}.`);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  throw new SetupError(`The certificate ${name} was not issued within a minute.`, {
    remedy: `On the first host: kubectl describe csr ${name}.`,
  });
}

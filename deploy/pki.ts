/**
 * The cluster's certificates: a CA for the API, another for etcd, and what each process presents. Made once and kept;
 * a certificate is made again when its names no longer cover the host's addresses or its life is nearly over. ECDSA P-256.
 */
import 'reflect-metadata';
import { generateKeyPairSync, randomBytes, type webcrypto, X509Certificate as NodeCertificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { writeFileAtomic } from './cluster';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const dayMs = 86_400_000;
const caDays = 3650;
const leafDays = 365;
/** A leaf is renewed by `up` in the last part of its life. */
const renewDays = 60;

export interface KeyPairFiles {
  cert: string;
  key: string;
}

export interface CertificateAuthority {
  files: KeyPairFiles;
  certificate: x509.X509Certificate;
  key: webcrypto.CryptoKey;
  pem: string;
}

export interface LeafRequest {
  commonName: string;
  organizations?: string[];
  /** DNS names and IP addresses. */
  hosts?: string[];
  usages: ('server' | 'client')[];
}

const filesOf = (folder: string, name: string): KeyPairFiles => ({
  cert: join(folder, `${name}.crt`),
  key: join(folder, `${name}.key`),
});

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

const serialNumber = (): string => `01${randomBytes(15).toString('hex')}`;

async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  return `${x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`;
}

const importPrivateKey = (pem: string): Promise<webcrypto.CryptoKey> =>
  crypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(pem), algorithm, true, ['sign']);

/** Reads the CA of that name, or makes it. */
export async function ensureAuthority(folder: string, name: string, commonName: string): Promise<CertificateAuthority> {
  const files = filesOf(folder, name);
  const [cert, key] = await Promise.all([readIfThere(files.cert), readIfThere(files.key)]);
  if (cert && key) {
    return { files, certificate: new x509.X509Certificate(cert), key: await importPrivateKey(key), pem: cert };
  }
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const now = Date.now();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: `CN=${commonName}`,
    notBefore: new Date(now - 300_000),
    notAfter: new Date(now + caDays * dayMs),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign | x509.KeyUsageFlags.digitalSignature,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const pem = `${certificate.toString('pem')}\n`;
  await writeFileAtomic(files.key, await privateKeyPem(keys.privateKey));
  await writeFileAtomic(files.cert, pem, 0o644);
  return { files, certificate, key: keys.privateKey, pem };
}

/** True when the certificate still serves the request for a while. */
function stillGood(pem: string, request: LeafRequest, authority: CertificateAuthority): boolean {
  const certificate = new NodeCertificate(pem);
  if (new Date(certificate.validTo).getTime() - Date.now() < renewDays * dayMs) return false;
  if (!certificate.verify(new NodeCertificate(authority.pem).publicKey)) return false;
  return (request.hosts ?? []).every((host) =>
    isIP(host) ? certificate.checkIP(host) !== undefined : certificate.checkHost(host) !== undefined,
  );
}

/** Reads the key pair of that name while it is good, else makes it. The file holds the certificate, then its CA. */
export async function ensureLeaf(
  authority: CertificateAuthority,
  folder: string,
  name: string,
  request: LeafRequest,
): Promise<KeyPairFiles> {
  const files = filesOf(folder, name);
  const [cert, key] = await Promise.all([readIfThere(files.cert), readIfThere(files.key)]);
  if (cert && key && stillGood(cert, request, authority)) return files;
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const now = Date.now();
  const { clientAuth, serverAuth } = { clientAuth: '1.3.6.1.5.5.7.3.2', serverAuth: '1.3.6.1.5.5.7.3.1' };
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: new x509.Name([
      ...(request.organizations ?? []).map((organization) => ({ O: [organization] })),
      { CN: [request.commonName] },
    ]).toString(),
    issuer: authority.certificate.subject,
    notBefore: new Date(now - 300_000),
    notAfter: new Date(now + leafDays * dayMs),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: authority.key,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment, true),
      new x509.ExtendedKeyUsageExtension(request.usages.map((usage) => (usage === 'client' ? clientAuth : serverAuth))),
      await x509.AuthorityKeyIdentifierExtension.create(authority.certificate),
      ...(request.hosts?.length
        ? [
            new x509.SubjectAlternativeNameExtension(
              request.hosts.map((value) => ({ type: isIP(value) ? ('ip' as const) : ('dns' as const), value })),
            ),
          ]
        : []),
    ],
  });
  await writeFileAtomic(files.key, await privateKeyPem(keys.privateKey));
  await writeFileAtomic(files.cert, `${certificate.toString('pem')}\n${authority.pem}`, 0o644);
  return files;
}

/** The key pair that signs service-account tokens. */
export async function ensureSigningKey(folder: string): Promise<{ privateKey: string; publicKey: string }> {
  const files = { privateKey: join(folder, 'sa.key'), publicKey: join(folder, 'sa.pub') };
  if (!(await readIfThere(files.privateKey)) || !(await readIfThere(files.publicKey))) {
    const keys = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    await writeFileAtomic(files.privateKey, keys.privateKey);
    await writeFileAtomic(files.publicKey, keys.publicKey, 0o644);
  }
  return files;
}

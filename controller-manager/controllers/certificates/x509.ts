/** Reading certificate requests and signing them: the only file here that knows X.509. */
import 'reflect-metadata';
import { createPrivateKey, randomBytes, type webcrypto, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';

/** What a request asks to be called. */
export interface RequestedNames {
  commonName: string;
  organizations: string[];
  dnsNames: string[];
  ipAddresses: string[];
  emailAddresses: string[];
  uris: string[];
}

export interface Signer {
  certificate: x509.X509Certificate;
  key: webcrypto.CryptoKey;
  algorithm: { name: string; namedCurve?: string; hash: string };
  notAfterMs: number;
}

/** `request` is `spec.request`: base64 of PEM. Throws when it is no request, or its signature is not by its own key. */
export async function readRequest(request: string): Promise<RequestedNames> {
  const parsed = parse(request);
  if (!(await parsed.verify())) throw new Error('unable to parse csr: the signature does not match the public key');
  const names = alternativeNames(parsed);
  const ofType = (type: string): string[] => names.filter((name) => name.type === type).map(({ value }) => value);
  return {
    commonName: parsed.subjectName.getField('CN').at(-1) ?? '',
    organizations: parsed.subjectName.getField('O'),
    dnsNames: ofType('dns'),
    ipAddresses: ofType('ip'),
    emailAddresses: ofType('email'),
    uris: ofType('url'),
  };
}

function parse(request: string): x509.Pkcs10CertificateRequest {
  const pem = Buffer.from(request, 'base64').toString();
  if (!/-----BEGIN (NEW )?CERTIFICATE REQUEST-----/.test(pem)) {
    throw new Error('PEM block type must be CERTIFICATE REQUEST');
  }
  return new x509.Pkcs10CertificateRequest(pem.replaceAll('NEW CERTIFICATE REQUEST', 'CERTIFICATE REQUEST'));
}

const alternativeNames = (request: x509.Pkcs10CertificateRequest): x509.JsonGeneralName[] =>
  request.extensions.flatMap((extension) =>
    extension instanceof x509.SubjectAlternativeNameExtension ? extension.names.toJSON() : [],
  );

/** The CA's certificate and key, both PEM. */
export async function loadSigner(certificatePem: string, keyPem: string): Promise<Signer> {
  const key = createPrivateKey(keyPem);
  const curves: Record<string, string> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' };
  const namedCurve = curves[key.asymmetricKeyDetails?.namedCurve ?? ''];
  const algorithm = namedCurve
    ? { name: 'ECDSA', namedCurve, hash: 'SHA-256' }
    : { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const der = key.export({ format: 'der', type: 'pkcs8' });
  const parsed = new X509Certificate(certificatePem);
  if (!parsed.checkPrivateKey(key)) throw new Error('the signing key does not belong to the signing certificate');
  return {
    certificate: new x509.X509Certificate(certificatePem),
    key: await crypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']),
    algorithm,
    notAfterMs: Date.parse(parsed.validTo),
  };
}

const keyUsages: Record<string, x509.KeyUsageFlags> = {
  signing: x509.KeyUsageFlags.digitalSignature,
  'digital signature': x509.KeyUsageFlags.digitalSignature,
  'content commitment': x509.KeyUsageFlags.nonRepudiation,
  'key encipherment': x509.KeyUsageFlags.keyEncipherment,
  'key agreement': x509.KeyUsageFlags.keyAgreement,
  'data encipherment': x509.KeyUsageFlags.dataEncipherment,
  'cert sign': x509.KeyUsageFlags.keyCertSign,
  'crl sign': x509.KeyUsageFlags.cRLSign,
  'encipher only': x509.KeyUsageFlags.encipherOnly,
  'decipher only': x509.KeyUsageFlags.decipherOnly,
};

const extendedUsages: Record<string, string> = {
  any: '2.5.29.37.0',
  'server auth': '1.3.6.1.5.5.7.3.1',
  'client auth': '1.3.6.1.5.5.7.3.2',
  'code signing': '1.3.6.1.5.5.7.3.3',
  'email protection': '1.3.6.1.5.5.7.3.4',
  's/mime': '1.3.6.1.5.5.7.3.4',
  'ipsec end system': '1.3.6.1.5.5.7.3.5',
  'ipsec tunnel': '1.3.6.1.5.5.7.3.6',
  'ipsec user': '1.3.6.1.5.5.7.3.7',
  timestamping: '1.3.6.1.5.5.7.3.8',
  'ocsp signing': '1.3.6.1.5.5.7.3.9',
};

/** Signs what the request asks for, with these usages and never as a CA. Gives base64 of PEM, as `status.certificate`. */
export async function signRequest(
  request: string,
  usages: readonly string[],
  signer: Signer,
  validity: { notBeforeMs: number; notAfterMs: number },
): Promise<string> {
  const unknown = usages.filter((usage) => keyUsages[usage] === undefined && extendedUsages[usage] === undefined);
  if (unknown.length) throw new Error(`unrecognized usage values: ${JSON.stringify(unknown)}`);
  const parsed = parse(request);
  const flags = usages.reduce((all, usage) => all | (keyUsages[usage] ?? 0), 0);
  const extended = usages.flatMap((usage) => extendedUsages[usage] ?? []);
  const names = alternativeNames(parsed);
  const certificate = await x509.X509CertificateGenerator.create({
    // Positive, and 127 bits of chance.
    serialNumber: `01${randomBytes(15).toString('hex')}`,
    subject: parsed.subjectName,
    issuer: signer.certificate.subjectName,
    notBefore: new Date(validity.notBeforeMs),
    notAfter: new Date(Math.min(validity.notAfterMs, signer.notAfterMs)),
    publicKey: parsed.publicKey,
    signingKey: signer.key,
    signingAlgorithm: signer.algorithm,
    extensions: [
      ...(flags ? [new x509.KeyUsagesExtension(flags, true)] : []),
      ...(extended.length ? [new x509.ExtendedKeyUsageExtension(extended)] : []),
      new x509.BasicConstraintsExtension(false, undefined, true),
      await x509.AuthorityKeyIdentifierExtension.create(signer.certificate),
      ...(names.length ? [new x509.SubjectAlternativeNameExtension(names)] : []),
    ],
  });
  return Buffer.from(`${certificate.toString('pem')}\n`).toString('base64');
}

/** When the certificate in `status.certificate` ends; undefined when it cannot be read. */
export function certificateEndMs(certificate: string): number | undefined {
  try {
    return Date.parse(new X509Certificate(Buffer.from(certificate, 'base64')).validTo);
  } catch {
    return undefined;
  }
}

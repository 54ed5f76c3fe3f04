import 'reflect-metadata';
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
import { subjectOfCsr } from '../../../../apiserver/admission/csr-subject';

describe('subject of a certificate request', () => {
  it('finds every organization', async () => {
    const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']);
    const request = await Pkcs10CertificateRequestGenerator.create({
      name: 'CN=jane, O=dev, O=system:masters',
      keys,
      signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    });
    const pem = Buffer.from(request.toString('pem')).toString('base64');
    expect(subjectOfCsr(pem)).toEqual({ organizations: ['dev', 'system:masters'] });
  });

  it('finds none in what is no request', () => {
    expect(subjectOfCsr('')).toEqual({ organizations: [] });
    expect(subjectOfCsr(Buffer.from('nonsense').toString('base64'))).toEqual({ organizations: [] });
  });
});

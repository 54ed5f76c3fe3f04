import type { CertificateSigningRequest } from '../../../../../api/certificates/v1/certificatesigningrequest';
import { disposableAtMs } from '../../../../../controller-manager/controllers/certificates/cleaner';
import { at, epochMs, stored } from '../../../../support/controller-objects';

const hours = (status: CertificateSigningRequest['status']): number => {
  const csr = stored<CertificateSigningRequest>({
    metadata: { name: 'x' },
    spec: { request: '', signerName: 'x' },
    status: status ?? {},
  });
  return (disposableAtMs(csr) - epochMs) / 3_600_000;
};
const condition = (type: string) => ({ type, status: 'True', lastUpdateTime: at(3600) });

describe('disposableAtMs', () => {
  it('keeps a pending request for a day', () => expect(hours(undefined)).toBe(24));
  it('keeps an issued one for an hour', () =>
    expect(hours({ conditions: [condition('Approved')], certificate: 'eA==' })).toBe(2));
  it('keeps a denied one for an hour', () => expect(hours({ conditions: [condition('Denied')] })).toBe(2));
  it('keeps one that waits for its signer as long as a pending one', () =>
    expect(hours({ conditions: [condition('Approved')] })).toBe(24));
});

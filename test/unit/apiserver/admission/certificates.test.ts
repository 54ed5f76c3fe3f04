import { certificateSigningRequests } from '../../../../api/certificates/v1/certificatesigningrequest';
import type { AdmissionAttributes } from '../../../../apiserver/admission/admission';
import { certificateApproval, certificateSigning } from '../../../../apiserver/admission/certificates';
import type { Authorizer } from '../../../../apiserver/authorization/authorizer';
import { createTestLoopback } from '../../../support/loopback';

const authorizer = (...allowed: string[]): Authorizer => ({
  authorize: async (_user, { verb, name }) => ({
    decision: allowed.includes(`${verb} ${name}`) ? 'allow' : 'no-opinion',
    reason: '',
  }),
  rulesFor: async () => ({ rules: [], incomplete: false }),
});
const csr = (status: object = {}) => ({ metadata: { name: 'r' }, spec: { signerName: 'acme.com/vpn' }, status });
const attributes = (subresource: string, status: object = {}): AdmissionAttributes => ({
  operation: 'UPDATE',
  definition: certificateSigningRequests,
  subresource,
  namespace: '',
  name: 'r',
  object: csr(status),
  oldObject: csr() as any,
  context: createTestLoopback().contextOf({ name: 'jane', groups: [] }),
});

describe('certificate admission', () => {
  it('needs approve on the signer, or on its domain', async () => {
    const approve = async (...allowed: string[]) =>
      certificateApproval(authorizer(...allowed)).validate!(attributes('approval'));
    await expect(approve()).rejects.toThrow('user not permitted to approve requests with signerName "acme.com/vpn"');
    await expect(approve('approve acme.com/vpn')).resolves.toBeUndefined();
    await expect(approve('approve acme.com/*')).resolves.toBeUndefined();
  });

  it('needs sign to issue a certificate, and nothing for other status changes', async () => {
    const sign = async (status: object, ...allowed: string[]) =>
      certificateSigning(authorizer(...allowed)).validate!(attributes('status', status));
    await expect(sign({ certificate: 'x' })).rejects.toThrow('user not permitted to sign requests');
    await expect(sign({ certificate: 'x' }, 'sign acme.com/vpn')).resolves.toBeUndefined();
    await expect(sign({})).resolves.toBeUndefined();
  });
});

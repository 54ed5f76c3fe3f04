/**
 * Who may approve and sign: permission on the signer, beside that on the request. Upstream:
 * `plugin/pkg/admission/certificates/{approval,signing,subjectrestriction}`.
 */
import type { CertificateSigningRequest } from '../../api/certificates/v1/certificatesigningrequest';
import { deepEqual } from '../../api/meta/json';
import { type Authorizer, resourceAttributes } from '../authorization/authorizer';
import type { UserInfo } from '../request-context';
import type { AdmissionPlugin } from './admission';
import { subjectOfCsr } from './csr-subject';
import { only, refuse } from './refusal';

const group = 'certificates.k8s.io';
const plural = 'certificatesigningrequests';

/** Allowed for the signer by name, or for all of its domain: `example.com/*`. */
async function mayUseSigner(authorizer: Authorizer, user: UserInfo, verb: string, signer: string): Promise<boolean> {
  for (const name of [signer, `${signer.split('/')[0]}/*`]) {
    const attributes = resourceAttributes({ verb, apiGroup: group, apiVersion: '*', resource: 'signers', name });
    if ((await authorizer.authorize(user, attributes)).decision === 'allow') return true;
  }
  return false;
}

export const certificateApproval = (authorizer: Authorizer): AdmissionPlugin => ({
  name: 'CertificateApproval',
  operations: ['UPDATE'],
  concerns: only(group, plural, ['approval']),
  async validate(attributes) {
    const signer = (attributes.oldObject as CertificateSigningRequest).spec.signerName;
    if (await mayUseSigner(authorizer, attributes.context.user, 'approve', signer)) return;
    throw refuse(attributes, `user not permitted to approve requests with signerName ${JSON.stringify(signer)}`);
  },
});

export const certificateSigning = (authorizer: Authorizer): AdmissionPlugin => ({
  name: 'CertificateSigning',
  operations: ['UPDATE'],
  concerns: only(group, plural, ['status']),
  async validate(attributes) {
    const old = attributes.oldObject as CertificateSigningRequest;
    const next = attributes.object as CertificateSigningRequest;
    // Only a certificate or a failure to sign makes this the signer's business.
    if (
      old.status?.certificate === next.status?.certificate &&
      deepEqual(old.status?.conditions, next.status?.conditions)
    ) {
      return;
    }
    const signer = old.spec.signerName;
    if (await mayUseSigner(authorizer, attributes.context.user, 'sign', signer)) return;
    throw refuse(attributes, `user not permitted to sign requests with signerName ${JSON.stringify(signer)}`);
  },
});

/** No certificate request may make a system:masters of its holder. */
export const certificateSubjectRestriction = (): AdmissionPlugin => ({
  name: 'CertificateSubjectRestriction',
  operations: ['CREATE'],
  concerns: only(group, plural),
  validate(attributes) {
    const { spec } = attributes.object as CertificateSigningRequest;
    if (spec.signerName !== 'kubernetes.io/kube-apiserver-client') return;
    const { organizations } = subjectOfCsr(spec.request);
    if (organizations.includes('system:masters')) {
      throw refuse(
        attributes,
        'use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed',
      );
    }
  },
});

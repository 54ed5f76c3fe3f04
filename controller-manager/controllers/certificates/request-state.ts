/** Where a CertificateSigningRequest stands. */
import type {
  CertificateSigningRequest,
  CertificateSigningRequestCondition,
} from '../../../api/certificates/v1/certificatesigningrequest';

const has = ({ status }: CertificateSigningRequest, type: string): boolean =>
  (status?.conditions ?? []).some((condition) => condition.type === type && condition.status !== 'False');

export const isApproved = (csr: CertificateSigningRequest): boolean => has(csr, 'Approved') && !has(csr, 'Denied');
export const isDenied = (csr: CertificateSigningRequest): boolean => has(csr, 'Denied');
export const hasFailed = (csr: CertificateSigningRequest): boolean => has(csr, 'Failed');
export const isIssued = ({ status }: CertificateSigningRequest): boolean => Boolean(status?.certificate);

export const withCondition = <T extends CertificateSigningRequest>(
  csr: T,
  condition: CertificateSigningRequestCondition,
): T => ({ ...csr, status: { ...csr.status, conditions: [...(csr.status?.conditions ?? []), condition] } });

/** The signers that this cluster's CA stands behind. */
export const signerNames = {
  kubeletServing: 'kubernetes.io/kubelet-serving',
  kubeletClient: 'kubernetes.io/kube-apiserver-client-kubelet',
  apiserverClient: 'kubernetes.io/kube-apiserver-client',
  legacyUnknown: 'kubernetes.io/legacy-unknown',
} as const;

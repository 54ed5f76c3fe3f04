/** The shapes of a CertificateSigningRequest. */
import type {
  V1CertificateSigningRequest,
  V1CertificateSigningRequestCondition,
  V1CertificateSigningRequestSpec,
  V1CertificateSigningRequestStatus,
} from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import type { Wire } from '../../meta/types';

export interface CertificateSigningRequest extends Wire<V1CertificateSigningRequest> {}
export interface CertificateSigningRequestSpec extends Wire<V1CertificateSigningRequestSpec> {}
export interface CertificateSigningRequestStatus extends Wire<V1CertificateSigningRequestStatus> {}
export interface CertificateSigningRequestCondition extends Wire<V1CertificateSigningRequestCondition> {}

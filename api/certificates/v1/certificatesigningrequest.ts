/** CertificateSigningRequest: asks a signer for a certificate; approved through its own subresource. */
import { ageColumn, humanDuration, nameColumn, textColumn } from '../../meta/columns';
import { defineResource, type TableColumn } from '../../meta/resource-definition';
import type { CertificateSigningRequest } from './types';
import { validateApproval, validateRequest, validateStatus } from './validation';

export type * from './types';

function formatStatus({ status }: CertificateSigningRequest): string {
  const has = (type: string): boolean => (status?.conditions ?? []).some((condition) => condition.type === type);
  const words = [has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending'];
  if (has('Failed')) words.push('Failed');
  if (status?.certificate) words.push('Issued');
  return words.join(',');
}

/** Upstream prints Age second here. */
const columns: TableColumn<CertificateSigningRequest>[] = [
  nameColumn,
  ageColumn,
  textColumn(
    'SignerName',
    'signerName indicates the requested signer, and is a qualified name.',
    ({ spec }) => spec?.signerName || '<none>',
  ),
  textColumn(
    'Requestor',
    'username contains the name of the user that created the CertificateSigningRequest.',
    ({ spec }) => spec?.username ?? '',
  ),
  textColumn(
    'RequestedDuration',
    'expirationSeconds is the requested duration of validity of the issued certificate.',
    ({ spec }) => (spec?.expirationSeconds === undefined ? '<none>' : humanDuration(spec.expirationSeconds * 1000)),
  ),
  textColumn('Condition', 'conditions applied to the request.', formatStatus),
];

const isDecision = ({ type }: { type: string }): boolean => type === 'Approved' || type === 'Denied';

export const certificateSigningRequests = defineResource<CertificateSigningRequest>({
  group: 'certificates.k8s.io',
  version: 'v1',
  kind: 'CertificateSigningRequest',
  names: { plural: 'certificatesigningrequests', singular: 'certificatesigningrequest', shortNames: ['csr'] },
  scope: 'Cluster',
  validate: validateRequest,
  // What was asked for never changes; who asked is filled in by the API server from the request.
  prepareForUpdate(request, old) {
    request.spec = old.spec;
  },
  generation: false,
  selectableFields: { 'spec.signerName': ({ spec }) => spec?.signerName ?? '' },
  columns,
  subresources: {
    status: {
      // The signer's path: approvals and denials stay as they are.
      prepareForUpdate(request, old) {
        request.spec = old.spec;
        const decisions = (old.status?.conditions ?? []).filter(isDecision);
        const others = (request.status?.conditions ?? []).filter((condition) => !isDecision(condition));
        if (request.status?.conditions || decisions.length) {
          request.status = { ...request.status, conditions: [...decisions, ...others] };
        }
      },
      validateUpdate: validateStatus,
    },
    update: {
      approval: {
        // The approver's path: conditions alone.
        prepareForUpdate(request, old) {
          request.spec = old.spec;
          request.status = { ...old.status, conditions: request.status?.conditions };
        },
        validateUpdate: validateApproval,
      },
    },
  },
});

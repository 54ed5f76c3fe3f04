import {
  certificateSigningRequests as definition,
  type CertificateSigningRequest,
} from '../../../../../api/certificates/v1/certificatesigningrequest';
import { formatFieldError } from '../../../../../api/meta/field-error';

const pem = Buffer.from('-----BEGIN CERTIFICATE REQUEST-----\nabc\n-----END CERTIFICATE REQUEST-----\n').toString(
  'base64',
);
const request = (types: string[] = [], certificate?: string): CertificateSigningRequest => ({
  spec: { request: pem, signerName: 'kubernetes.io/kubelet-serving', usages: ['server auth'], username: 'u' },
  status: { conditions: types.map((type) => ({ type, status: 'True' })), certificate },
});
const condition = definition.columns?.find(({ name }) => name === 'Condition');

it.each([
  [request(), 'Pending'],
  [request(['Approved']), 'Approved'],
  [request(['Approved'], 'x'), 'Approved,Issued'],
  [request(['Denied', 'Failed']), 'Denied,Failed'],
])('prints the state of a request', (object, text) => {
  expect(condition?.value(object, 0)).toBe(text);
});

it('does not let a signer approve', () => {
  const object = request(['Approved', 'Failed']);
  definition.subresources?.status?.prepareForUpdate?.(object, request());
  expect(object.status?.conditions?.map(({ type }) => type)).toEqual(['Failed']);
});

it('lets an approver decide once', () => {
  const validate = definition.subresources?.update?.approval?.validateUpdate;
  const errors = (now: string[], old: string[]) =>
    validate?.(request(now), request(old)).map((error) => formatFieldError(error));
  expect(errors(['Approved'], [])).toEqual([]);
  expect(errors([], ['Approved'])).toEqual([
    'status.conditions: Forbidden: updates may not remove a condition of type "Approved"',
  ]);
  expect(errors(['Approved', 'Denied'], ['Approved'])).toEqual([
    'status.conditions: Invalid value: "Denied": Approved and Denied conditions are mutually exclusive',
  ]);
});

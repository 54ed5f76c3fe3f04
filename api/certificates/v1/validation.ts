/** What a certificate request may ask, and how it may be decided. Upstream: `pkg/apis/certificates/validation`. */
import { at, invalidEach } from '../../meta/field-checks';
import { duplicate, type FieldError, forbidden, invalid, notSupported, required } from '../../meta/field-error';
import { isDns1123Subdomain } from '../../meta/names';
import type { CertificateSigningRequest } from './types';

const knownUsages = [
  ...['signing', 'digital signature', 'content commitment', 'key encipherment', 'key agreement', 'data encipherment'],
  ...['cert sign', 'crl sign', 'encipher only', 'decipher only', 'any', 'server auth', 'client auth', 'code signing'],
  ...['email protection', 's/mime', 'ipsec end system', 'ipsec tunnel', 'ipsec user', 'timestamping', 'ocsp signing'],
  ...['microsoft sgc', 'netscape sgc'],
];
const pemBlock = /-----BEGIN CERTIFICATE REQUEST-----\s[\s\S]+-----END CERTIFICATE REQUEST-----/;
const shortestSeconds = 600;

function validateSignerName(name: string | undefined): FieldError[] {
  const path = at('spec', 'signerName');
  if (!name) return [required(path)];
  if (name === 'kubernetes.io/legacy-unknown') {
    return [invalid(path, name, 'the legacy signerName is not allowed via this API version')];
  }
  const [domain = '', ...segments] = name.split('/');
  if (segments.length === 0) {
    const detail = "must be a fully qualified domain and path of the form 'example.com/signer-name'";
    return [invalid(path, name, detail)];
  }
  const errors = invalidEach(path, domain, isDns1123Subdomain(domain));
  if (!domain.includes('.'))
    errors.push(invalid(path, domain, 'should be a domain with at least two segments separated by dots'));
  const rest = segments.join('/');
  if (!rest)
    errors.push(invalid(path, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'"));
  else errors.push(...invalidEach(path, rest, isDns1123Subdomain(rest.replaceAll('/', '.'))));
  return errors;
}

export function validateRequest({ spec }: CertificateSigningRequest): FieldError[] {
  const path = at('spec');
  const errors: FieldError[] = [];
  const request = Buffer.from(spec?.request ?? '', 'base64').toString();
  if (!pemBlock.test(request)) {
    errors.push(invalid(path.child('request'), spec?.request, 'PEM block type must be CERTIFICATE REQUEST'));
  }
  const usages = spec?.usages ?? [];
  if (usages.length === 0) errors.push(required(path.child('usages')));
  const seen = new Set<string>();
  for (const [index, usage] of usages.entries()) {
    const usagePath = path.child('usages').index(index);
    if (!knownUsages.includes(usage)) errors.push(notSupported(usagePath, usage, knownUsages));
    if (seen.has(usage)) errors.push(duplicate(usagePath, usage));
    seen.add(usage);
  }
  errors.push(...validateSignerName(spec?.signerName));
  const seconds = spec?.expirationSeconds;
  if (seconds !== undefined && seconds < shortestSeconds) {
    const detail = `may not specify a duration less than ${shortestSeconds} seconds (10 minutes)`;
    errors.push(invalid(path.child('expirationSeconds'), seconds, detail));
  }
  return errors;
}

const permanent = ['Approved', 'Denied', 'Failed'];

function validateConditions(request: CertificateSigningRequest, old: CertificateSigningRequest): FieldError[] {
  const path = at('status', 'conditions');
  const conditions = request.status?.conditions ?? [];
  const types = conditions.map(({ type }) => type);
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [index, { type, status }] of conditions.entries()) {
    if (!type) errors.push(required(path.index(index).child('type')));
    else if (seen.has(type)) errors.push(duplicate(path.index(index).child('type'), type));
    seen.add(type);
    const allowed = permanent.includes(type) ? ['True'] : ['False', 'True', 'Unknown'];
    if (!status) errors.push(required(path.index(index).child('status')));
    else if (!allowed.includes(status)) errors.push(notSupported(path.index(index).child('status'), status, allowed));
  }
  if (types.includes('Approved') && types.includes('Denied')) {
    errors.push(invalid(path, types[types.length - 1], 'Approved and Denied conditions are mutually exclusive'));
  }
  for (const type of permanent) {
    const was = (old.status?.conditions ?? []).some((condition) => condition.type === type);
    if (was && !types.includes(type)) {
      errors.push(forbidden(path, `updates may not remove a condition of type "${type}"`));
    }
  }
  return errors;
}

/** Decisions come through `approval` and are final. */
export const validateApproval = validateConditions;

/** A certificate, once issued, stays. */
export function validateStatus(request: CertificateSigningRequest, old: CertificateSigningRequest): FieldError[] {
  const errors = validateConditions(request, old);
  const issued = old.status?.certificate;
  if (issued && issued !== request.status?.certificate) {
    const path = at('status', 'certificate');
    errors.push(forbidden(path, 'updates may not set certificate content when it is already present'));
  }
  return errors;
}

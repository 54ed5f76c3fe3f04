/**
 * What each signer may put its name to. Each rule gives the reason for a refusal, or nothing. Upstream:
 * `pkg/apis/certificates/helpers.go` and `certificates/signer/signer.go`.
 */
import type { RequestedNames } from './x509';
import { signerNames } from './request-state';

const nodePrefix = 'system:node:';
const nodesGroup = 'system:nodes';

/** ECDSA keys need no key encipherment, so it is optional everywhere. */
function checkUsages(usages: readonly string[], required: readonly string[], kind: string): string | undefined {
  const allowed = new Set([...required, 'key encipherment']);
  const complete = required.every((usage) => usages.includes(usage)) && usages.every((usage) => allowed.has(usage));
  return complete ? undefined : `usages did not match the ${kind} certificate's`;
}

function checkNodeSubject({ commonName, organizations }: RequestedNames): string | undefined {
  if (organizations.length !== 1 || organizations[0] !== nodesGroup) {
    return 'subject organization is not system:nodes';
  }
  const named = commonName.startsWith(nodePrefix) && commonName.length > nodePrefix.length;
  return named ? undefined : 'subject common name does not begin with system:node: ';
}

export function checkKubeletClient(names: RequestedNames, usages: readonly string[]): string | undefined {
  const wrongSubject = checkNodeSubject(names);
  if (wrongSubject) return wrongSubject;
  if (names.dnsNames.length) return 'DNS subjectAltNames are not allowed';
  if (names.emailAddresses.length) return 'Email subjectAltNames are not allowed';
  if (names.ipAddresses.length) return 'IP subjectAltNames are not allowed';
  if (names.uris.length) return 'URI subjectAltNames are not allowed';
  return checkUsages(usages, ['digital signature', 'client auth'], 'kubelet client');
}

export function checkKubeletServing(names: RequestedNames, usages: readonly string[]): string | undefined {
  const wrongSubject = checkNodeSubject(names);
  if (wrongSubject) return wrongSubject;
  if (!names.dnsNames.length && !names.ipAddresses.length) return 'DNS or IP subjectAltName is required';
  if (names.emailAddresses.length) return 'Email subjectAltNames are not allowed';
  if (names.uris.length) return 'URI subjectAltNames are not allowed';
  return checkUsages(usages, ['digital signature', 'server auth'], 'kubelet serving');
}

function checkApiserverClient(_names: RequestedNames, usages: readonly string[]): string | undefined {
  const allowed = new Set(['signing', 'digital signature', 'key encipherment', 'client auth']);
  const forbidden = usages.filter((usage) => !allowed.has(usage));
  if (forbidden.length) return `invalid usage for client certificate: ${forbidden.join(', ')}`;
  return usages.includes('client auth') ? undefined : 'missing required usage for client certificate: client auth';
}

export type RequestRule = (names: RequestedNames, usages: readonly string[]) => string | undefined;

/** By signer name; requests to other signers are none of ours. */
export const signerRules: Readonly<Record<string, RequestRule>> = {
  [signerNames.kubeletServing]: checkKubeletServing,
  [signerNames.kubeletClient]: checkKubeletClient,
  [signerNames.apiserverClient]: checkApiserverClient,
  [signerNames.legacyUnknown]: () => undefined,
};

/**
 * Requests that need no human: whose they are and who may make them. Upstream: `certificates/approver/sarapprove.go`; the
 * last two are kubelab's, so that joined hosts work without a manual step.
 */
import type { CertificateSigningRequest } from '../../../api/certificates/v1/certificatesigningrequest';
import type { Node } from '../../../api/core/v1/node';
import { checkKubeletClient, checkKubeletServing } from './request-rules';
import { signerNames } from './request-state';
import type { RequestedNames } from './x509';

export interface Recognizer {
  recognize(csr: CertificateSigningRequest, names: RequestedNames): boolean;
  /** The requester must be allowed to create this subresource of certificatesigningrequests … */
  subresource?: string;
  /** … or the names must be the requesting node's own. Undefined: the node is not there (yet). */
  allowedFor?(names: RequestedNames, node: Node | undefined): boolean;
  message: string;
}

const isNodeClient = ({ spec }: CertificateSigningRequest, names: RequestedNames): boolean =>
  spec.signerName === signerNames.kubeletClient && checkKubeletClient(names, spec.usages ?? []) === undefined;

const isOwn = ({ spec }: CertificateSigningRequest, names: RequestedNames): boolean =>
  spec.username === names.commonName;

export const recognizers: readonly Recognizer[] = [
  {
    recognize: (csr, names) => isNodeClient(csr, names) && isOwn(csr, names),
    subresource: 'selfnodeclient',
    message: 'Auto approving self kubelet client certificate after SubjectAccessReview.',
  },
  {
    recognize: isNodeClient,
    subresource: 'nodeclient',
    message: 'Auto approving kubelet client certificate after SubjectAccessReview.',
  },
  {
    recognize: ({ spec }, names) =>
      spec.signerName === signerNames.apiserverClient && isProxyClient(names, spec.usages ?? []),
    subresource: 'kubeproxyclient',
    message: 'Auto approving kube-proxy client certificate after SubjectAccessReview.',
  },
  {
    recognize: (csr, names) =>
      csr.spec.signerName === signerNames.kubeletServing &&
      isOwn(csr, names) &&
      (csr.spec.groups ?? []).includes('system:nodes') &&
      checkKubeletServing(names, csr.spec.usages ?? []) === undefined,
    allowedFor: withinAddresses,
    message: "Auto approving kubelet serving certificate: its names are the Node's addresses.",
  },
];

/** No group beyond the proxy's own, and no other names: it must not become anybody else's certificate. */
function isProxyClient(names: RequestedNames, usages: readonly string[]): boolean {
  const others = [...names.dnsNames, ...names.ipAddresses, ...names.emailAddresses, ...names.uris];
  const allowed = new Set(['digital signature', 'key encipherment', 'client auth']);
  return (
    names.commonName === 'system:kube-proxy' &&
    names.organizations.every((organization) => organization === 'system:node-proxier') &&
    others.length === 0 &&
    usages.includes('client auth') &&
    usages.every((usage) => allowed.has(usage))
  );
}

function withinAddresses(names: RequestedNames, node: Node | undefined): boolean {
  const addresses = node?.status?.addresses ?? [];
  const ips = new Set(addresses.filter(({ type }) => type.endsWith('IP')).map(({ address }) => canonicalIp(address)));
  const hosts = new Set(
    addresses.filter(({ type }) => !type.endsWith('IP')).map(({ address }) => address.toLowerCase()),
  );
  return (
    names.ipAddresses.every((ip) => ips.has(canonicalIp(ip))) &&
    names.dnsNames.every((name) => hosts.has(name.toLowerCase()))
  );
}

/** IPv6 addresses have several spellings. */
const canonicalIp = (ip: string): string => (ip.includes(':') ? new URL(`http://[${ip}]`).hostname.slice(1, -1) : ip);

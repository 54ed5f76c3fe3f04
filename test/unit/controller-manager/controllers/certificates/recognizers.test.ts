import type { CertificateSigningRequest } from '../../../../../api/certificates/v1/certificatesigningrequest';
import { recognizers } from '../../../../../controller-manager/controllers/certificates/recognizers';
import type { RequestedNames } from '../../../../../controller-manager/controllers/certificates/x509';
import { node } from '../../../../support/controller-objects';

const names = (changes: Partial<RequestedNames> = {}): RequestedNames => ({
  commonName: 'system:node:n1',
  organizations: ['system:nodes'],
  dnsNames: [],
  ipAddresses: [],
  emailAddresses: [],
  uris: [],
  ...changes,
});

const csr = (signer: string, usages: string[], username: string, groups: string[] = []): CertificateSigningRequest => ({
  spec: { request: '', signerName: `kubernetes.io/${signer}`, usages, username, groups },
});

/** What stands for each recognizer that takes the request. */
const recognized = (request: CertificateSigningRequest, asked: RequestedNames): string[] =>
  recognizers.filter(({ recognize }) => recognize(request, asked)).map(({ subresource }) => subresource ?? 'addresses');

const clientUsages = ['digital signature', 'client auth'];
const servingUsages = ['digital signature', 'server auth'];
const self = 'system:node:n1';

describe('recognizers', () => {
  it.each([
    [
      'a bootstrapping kubelet',
      csr('kube-apiserver-client-kubelet', clientUsages, 'system:bootstrap:abc'),
      names(),
      ['nodeclient'],
    ],
    [
      'a kubelet that renews',
      csr('kube-apiserver-client-kubelet', clientUsages, self),
      names(),
      ['selfnodeclient', 'nodeclient'],
    ],
    [
      'another group',
      csr('kube-apiserver-client-kubelet', clientUsages, self),
      names({ organizations: ['system:masters'] }),
      [],
    ],
    [
      'two groups',
      csr('kube-apiserver-client-kubelet', clientUsages, self),
      names({ organizations: ['system:nodes', 'system:masters'] }),
      [],
    ],
    [
      'a client with host names',
      csr('kube-apiserver-client-kubelet', clientUsages, self),
      names({ dnsNames: ['x'] }),
      [],
    ],
    ['too many usages', csr('kube-apiserver-client-kubelet', [...clientUsages, 'server auth'], self), names(), []],
    ['another signer', csr('legacy-unknown', clientUsages, self), names(), []],
    [
      'a serving kubelet',
      csr('kubelet-serving', servingUsages, self, ['system:nodes']),
      names({ ipAddresses: ['10.0.0.1'] }),
      ['addresses'],
    ],
    [
      'a serving request by another node',
      csr('kubelet-serving', servingUsages, 'system:node:n2', ['system:nodes']),
      names({ ipAddresses: ['10.0.0.1'] }),
      [],
    ],
    [
      'kube-proxy',
      csr('kube-apiserver-client', clientUsages, 'x'),
      names({ commonName: 'system:kube-proxy', organizations: [] }),
      ['kubeproxyclient'],
    ],
    [
      'kube-proxy as a master',
      csr('kube-apiserver-client', clientUsages, 'x'),
      names({ commonName: 'system:kube-proxy', organizations: ['system:masters'] }),
      [],
    ],
    [
      'somebody else',
      csr('kube-apiserver-client', clientUsages, 'x'),
      names({ commonName: 'admin', organizations: [] }),
      [],
    ],
  ])('for %s', (_, request, asked, wanted) => expect(recognized(request, asked)).toEqual(wanted));

  it('lets a kubelet serve only under the addresses of its node', () => {
    const rule = recognizers.find(({ allowedFor }) => allowedFor)?.allowedFor;
    const addresses = [
      { type: 'InternalIP', address: '10.0.0.1' },
      { type: 'Hostname', address: 'N1' },
      { type: 'InternalIP', address: 'fd00:0::1' },
    ];
    const n1 = node('n1', {}, { status: { addresses } });
    expect(rule?.(names({ ipAddresses: ['10.0.0.1', 'fd00::1'], dnsNames: ['n1'] }), n1)).toBe(true);
    expect(rule?.(names({ ipAddresses: ['10.0.0.2'] }), n1)).toBe(false);
    expect(rule?.(names({ dnsNames: ['kubernetes'] }), n1)).toBe(false);
    expect(rule?.(names({ ipAddresses: ['10.0.0.1'] }), undefined)).toBe(false);
  });
});

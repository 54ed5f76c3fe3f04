import { kubeletAddress } from '../../../../apiserver/proxy/kubelet-backend';

const node = (addresses: object[], port?: number): never =>
  ({ status: { addresses, ...(port && { daemonEndpoints: { kubeletEndpoint: { Port: port } } }) } }) as never;
const both = [
  { type: 'Hostname', address: 'node-1' },
  { type: 'InternalIP', address: '10.0.0.1' },
];

describe('kubeletAddress', () => {
  it('takes the best of the preferred types, and the port that the node reports', () => {
    expect(kubeletAddress(node(both), ['InternalIP', 'Hostname'])).toEqual({ host: '10.0.0.1', port: 10_250 });
    expect(kubeletAddress(node(both, 12_345), ['ExternalIP', 'Hostname'])).toEqual({ host: 'node-1', port: 12_345 });
  });

  it('throws when there is none', () => {
    expect(() => kubeletAddress(node(both), ['ExternalIP'])).toThrow(
      'no preferred addresses found; known addresses: [Hostname InternalIP]',
    );
  });
});

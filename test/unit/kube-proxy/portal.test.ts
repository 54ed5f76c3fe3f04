import { renderPortal } from '../../../kube-proxy/portal';

describe('renderPortal', () => {
  it('maps services, closes node ports without endpoints and rejects the rest of the CIDR', () => {
    const rules = renderPortal(
      {
        mappings: [
          { protocol: 'TCP', address: '10.96.0.7', port: 80, listenAddress: '10.96.0.7', listenPort: 21184 },
          { protocol: 'UDP', address: '10.96.0.10', port: 53, listenAddress: '10.96.0.10', listenPort: 21157 },
        ],
        addresses: ['10.96.0.7', '10.150.0.9', '10.150.0.9'],
        closedNodePorts: [{ protocol: 'TCP', port: 30080 }],
      },
      { services: 'SVC', reject: 'REJ' },
      '10.96.0.0/16',
    );
    expect(rules).toEqual({
      nat: {
        SVC: [
          '-d 10.96.0.7/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.96.0.7:21184',
          '-d 10.96.0.10/32 -p udp -m udp --dport 53 -j DNAT --to-destination 10.96.0.10:21157',
        ],
      },
      filter: {
        REJ: [
          '-p tcp -m tcp --dport 30080 -m addrtype --dst-type LOCAL -m conntrack --ctstate NEW -j REJECT --reject-with tcp-reset',
          '-d 10.96.0.0/16 -m conntrack ! --ctstate DNAT,ESTABLISHED,RELATED -p tcp -j REJECT --reject-with tcp-reset',
          '-d 10.96.0.0/16 -m conntrack ! --ctstate DNAT,ESTABLISHED,RELATED -j REJECT --reject-with icmp-port-unreachable',
          '-d 10.150.0.9/32 -m conntrack ! --ctstate DNAT,ESTABLISHED,RELATED -p tcp -j REJECT --reject-with tcp-reset',
          '-d 10.150.0.9/32 -m conntrack ! --ctstate DNAT,ESTABLISHED,RELATED -j REJECT --reject-with icmp-port-unreachable',
        ],
      },
    });
  });
});

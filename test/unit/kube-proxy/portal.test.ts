import { renderPortal } from '../../../kube-proxy/portal';

describe('renderPortal', () => {
  it('maps services, closes what has no endpoints and rejects the rest of the CIDR', () => {
    const rules = renderPortal(
      {
        mappings: [
          { protocol: 'TCP', address: '10.96.0.7', port: 80, listenAddress: '10.96.0.7', listenPort: 21184 },
          {
            protocol: 'TCP',
            address: '198.51.100.2',
            port: 80,
            listenAddress: '10.96.0.7',
            listenPort: 11184,
            sources: ['203.0.113.0/24', '10.0.0.0/8'],
          },
          {
            protocol: 'TCP',
            address: '198.51.100.3',
            port: 80,
            listenAddress: '10.96.0.7',
            listenPort: 11184,
            sources: [],
          },
          { protocol: 'UDP', address: '10.96.0.10', port: 53, listenAddress: '10.96.0.10', listenPort: 21157 },
        ],
        addresses: ['10.96.0.7', '10.150.0.9', '10.150.0.9'],
        closed: [
          { protocol: 'TCP', port: 30080, verdict: 'REJECT' },
          { protocol: 'UDP', port: 30081, verdict: 'DROP', outsideOnly: true },
          { protocol: 'TCP', address: '198.51.100.1', port: 80, verdict: 'REJECT' },
        ],
      },
      { services: 'SVC', reject: 'REJ' },
      { serviceCidr: '10.96.0.0/16', clusterCidr: '10.244.0.0/16' },
    );
    expect(rules).toEqual({
      nat: {
        SVC: [
          '-d 10.96.0.7/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.96.0.7:21184',
          '-s 203.0.113.0/24 -d 198.51.100.2/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.96.0.7:11184',
          '-s 10.0.0.0/8 -d 198.51.100.2/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.96.0.7:11184',
          '-d 10.96.0.10/32 -p udp -m udp --dport 53 -j DNAT --to-destination 10.96.0.10:21157',
        ],
      },
      filter: {
        REJ: [
          '-p tcp -m tcp --dport 30080 -m addrtype --dst-type LOCAL -m conntrack --ctstate NEW -j REJECT --reject-with tcp-reset',
          '! -s 10.244.0.0/16 -p udp -m udp --dport 30081 -m addrtype ! --src-type LOCAL -m addrtype --dst-type LOCAL -m conntrack --ctstate NEW -j DROP',
          '-d 198.51.100.1/32 -p tcp -m tcp --dport 80 -m conntrack --ctstate NEW -j REJECT --reject-with tcp-reset',
          '-d 10.96.0.0/16 -m conntrack ! --ctstate DNAT,ESTABLISHED,RELATED -p tcp -j REJECT --reject-with tcp-reset',
          '-d 10.96.0.0/16 -m conntrack ! --ctstate DNAT,ESTABLISHED,RELATED -j REJECT --reject-with icmp-port-unreachable',
          '-d 10.150.0.9/32 -m conntrack ! --ctstate DNAT,ESTABLISHED,RELATED -p tcp -j REJECT --reject-with tcp-reset',
          '-d 10.150.0.9/32 -m conntrack ! --ctstate DNAT,ESTABLISHED,RELATED -j REJECT --reject-with icmp-port-unreachable',
        ],
      },
    });
  });
});

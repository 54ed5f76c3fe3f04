import { closedPortsOf, type ListeningPort, mappingsOf } from '../../../kube-proxy/portal-rules';
import type { ServicePortEntry } from '../../../kube-proxy/service-map';

const target = { address: '10.244.1.2', port: 8080 };
const [clusterIP, external, balancer] = ['10.96.0.7', '198.51.100.1', '198.51.100.2'];

const port = (entry: Partial<ServicePortEntry>, reach: 'nowhere' | 'elsewhere' | 'here'): ListeningPort => ({
  entry: {
    id: 'default/web:80/TCP',
    protocol: 'TCP',
    clusterIP,
    port: 80,
    externalIPs: [external],
    loadBalancerIPs: [balancer],
    loadBalancerSources: undefined,
    nodePort: 30_080,
    affinityMs: undefined,
    isInternalLocal: false,
    isExternalLocal: false,
    hasEndpoints: reach !== 'nowhere',
    targets: new Map([
      ['n', { cluster: reach === 'nowhere' ? [] : [target], local: reach === 'here' ? [target] : [] }],
    ]),
    ...entry,
  },
  internalPort: 21_184,
  externalPort: 11_184,
});

const mapped = (listening: ListeningPort): string[] =>
  mappingsOf(listening).map(({ address, listenPort, sources = [] }) => [address, listenPort, ...sources].join(' '));

const closed = (listening: ListeningPort): string[] =>
  closedPortsOf(listening).map(({ verdict, address = 'any', port: number, outsideOnly }) =>
    [verdict, address, number, ...(outsideOnly ? ['outside'] : [])].join(' '),
  );

const everything = [`${clusterIP} 21184`, `${external} 11184`, `${balancer} 11184`];

describe('the rules for a service port', () => {
  it('lead to endpoints wherever they are', () => {
    expect(mapped(port({}, 'elsewhere'))).toEqual(everything);
    expect(closed(port({}, 'elsewhere'))).toEqual([]);
  });

  it('reject while there are no endpoints at all', () => {
    expect(mapped(port({}, 'nowhere'))).toEqual([]);
    expect(closed(port({ isExternalLocal: true, isInternalLocal: true }, 'nowhere'))).toEqual([
      'REJECT any 30080',
      `REJECT ${external} 80`,
      `REJECT ${balancer} 80`,
    ]);
  });

  it('drop what comes from outside when a policy finds no endpoint here, and let the cluster in', () => {
    expect(mapped(port({ isExternalLocal: true }, 'elsewhere'))).toEqual(everything);
    expect(closed(port({ isExternalLocal: true }, 'elsewhere'))).toEqual([
      'DROP any 30080 outside',
      `DROP ${clusterIP} 11184 outside`,
    ]);
    expect(closed(port({ isExternalLocal: true }, 'here'))).toEqual([]);
  });

  it('drop what comes to the cluster IP when a policy finds no endpoint here', () => {
    expect(mapped(port({ isInternalLocal: true }, 'elsewhere'))).toEqual(everything.slice(1));
    expect(closed(port({ isInternalLocal: true }, 'elsewhere'))).toEqual([`DROP ${clusterIP} 80`]);
    expect(mapped(port({ isInternalLocal: true }, 'here'))).toEqual(everything);
  });

  it('let only the named sources use the address of a load balancer', () => {
    const restricted = port({ loadBalancerSources: ['203.0.113.0/24'] }, 'here');
    expect(mapped(restricted)).toEqual([...everything.slice(0, 2), `${balancer} 11184 203.0.113.0/24`]);
    expect(closed(restricted)).toEqual([`DROP ${balancer} 80`]);
    const nobody = port({ loadBalancerSources: [] }, 'here');
    expect(mappingsOf(nobody).at(-1)?.sources).toEqual([]);
    expect(closed(nobody)).toEqual([`DROP ${balancer} 80`]);
  });
});

import { services } from '../../../../../../api/core/v1/service';
import { created, statusErrors } from '../../../../../support/kinds';

const make = (spec: object = {}, metadata: object = {}) => ({ metadata, spec: { ports: [{ port: 80 }], ...spec } });
const oldHints = { annotations: { 'service.kubernetes.io/topology-aware-hints': 'auto' } };

it.each<[string, object, string[]]>([
  ['nothing', make(), []],
  [
    'the old annotation for topology',
    make({}, oldHints),
    [
      'annotation service.kubernetes.io/topology-aware-hints is deprecated, please use service.kubernetes.io/topology-mode instead',
    ],
  ],
  [
    'what headless services ignore',
    make({ clusterIP: 'None', loadBalancerIP: '1.1.1.1', externalIPs: ['1.1.1.1'], sessionAffinity: 'ClientIP' }),
    [
      'spec.loadBalancerIP is ignored for headless services',
      'spec.externalIPs is ignored for headless services',
      'spec.SessionAffinity is ignored for headless services',
    ],
  ],
  [
    'external addresses',
    make({ externalIPs: ['1.1.1.1'] }),
    ['spec.externalIPs is deprecated and may no longer be implemented in some clusters'],
  ],
  [
    'addresses written otherwise',
    make({ clusterIPs: ['2001:DB8::0:1'] }),
    ['spec.clusterIPs[0]: IPv6 address "2001:DB8::0:1" should be in RFC 5952 canonical format ("2001:db8::1")'],
  ],
  [
    'names and addresses of the wrong type',
    make({ type: 'ExternalName', externalName: 'a.b', externalIPs: ['1.1.1.1'] }),
    ['spec.externalIPs is ignored when spec.type is "ExternalName"'],
  ],
  [
    'a name without its type',
    make({ externalName: 'a.b' }),
    ['spec.externalName is ignored when spec.type is not "ExternalName"'],
  ],
  [
    'an old name for the same zone',
    make({ trafficDistribution: 'PreferClose' }),
    ['spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"'],
  ],
])('warns of %s', (_, object, expected) => {
  expect(services.warnings?.(created(services, object))).toEqual(expected);
});

const balancer = make({ type: 'LoadBalancer' });
const ingress = 'status.loadBalancer.ingress';
const status = (...list: object[]) => ({ loadBalancer: { ingress: list } });

it.each<[string, object, object, string[]]>([
  ['addresses and names', balancer, status({ ip: '1.1.1.1', ipMode: 'VIP' }, { hostname: 'a.b' }), []],
  [
    'addresses of other types',
    make(),
    status({ ip: '1.1.1.1' }),
    [`${ingress}: Forbidden: may only be used when \`spec.type\` is 'LoadBalancer'`],
  ],
  [
    'modes that do not fit',
    balancer,
    status({ ip: '1.1.1.1' }, { ipMode: 'VIP' }, { ip: '1.1.1.1', ipMode: 'Some' }),
    [
      `${ingress}[0].ipMode: Required value: must be specified when \`ip\` is set`,
      `${ingress}[1].ipMode: Forbidden: may not be specified when \`ip\` is not set`,
      `${ingress}[2].ipMode: Unsupported value: "Some": supported values: "Proxy", "VIP"`,
    ],
  ],
  [
    'an address for a name',
    balancer,
    status({ hostname: '1.1.1.1' }),
    [`${ingress}[0].hostname: Invalid value: "1.1.1.1": must be a DNS name, not an IP address`],
  ],
])('a report of %s', (_, object, reported, expected) => {
  expect(statusErrors(services, object, reported)).toEqual(expected);
});

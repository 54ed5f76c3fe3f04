import { ingressClasses } from '../../../../../api/networking/v1/ingressclass';
import { ingresses } from '../../../../../api/networking/v1/ingress';
import { isCanonicalCidr, isCanonicalIp } from '../../../../../api/networking/v1/ip-names';
import { ipAddresses } from '../../../../../api/networking/v1/ipaddress';
import { networkPolicies } from '../../../../../api/networking/v1/networkpolicy';
import { serviceCidrs } from '../../../../../api/networking/v1/servicecidr';
import { type FieldError, formatFieldError } from '../../../../../api/meta/field-error';
import type { ResourceDefinition } from '../../../../../api/meta/resource-definition';
import { loadFixture } from '../../../../support/fixtures';

type Change = Record<string, unknown>;
type Row = [string, Change, string[]];

const texts = (errors: FieldError[]): string[] => errors.map((error) => formatFieldError(error));

function withSpec(definition: ResourceDefinition, change: Change): any {
  const object = loadFixture(definition);
  object.spec = { ...object.spec, ...change };
  definition.defaults?.(object);
  return object;
}

const errorsOf = (definition: ResourceDefinition, change: Change): string[] =>
  texts(definition.validate!(withSpec(definition, change)));

const updateErrors = (definition: ResourceDefinition, change: Change): string[] =>
  texts(definition.validateUpdate!(withSpec(definition, change), withSpec(definition, {})));

const cells = (definition: ResourceDefinition, object: object): unknown[] =>
  definition.columns!.slice(1, -1).map((column) => column.value(object, 0));

describe('Ingress', () => {
  const service = { service: { name: 'web', port: { number: 80 } } };
  const withPath = (change: Change) => ({
    rules: [{ http: { paths: [{ path: '/', pathType: 'Prefix', backend: service, ...change }] } }],
    tls: undefined,
  });
  const at = 'spec.rules[0].http.paths[0]';

  it.each<Row>([
    ['accepts the sample', {}, []],
    [
      'needs something to do',
      { rules: [], tls: undefined },
      ['spec: Invalid value: []: either `defaultBackend` or `rules` must be specified'],
    ],
    [
      'needs hosts with names',
      { rules: [{ host: '192.0.2.1' }, { host: '*.a*' }], tls: [{ hosts: ['A'], secretName: 'B' }] },
      [
        'spec.rules[0].host: Invalid value: "192.0.2.1": must be a DNS name, not an IP address',
        expect.stringMatching(/^spec.rules\[1\].host: Invalid value: "\*.a\*": a wildcard DNS-1123 subdomain must/),
        expect.stringMatching(/^spec.tls\[0\].hosts\[0\]: Invalid value: "A": a lowercase RFC 1123 subdomain/),
        expect.stringMatching(/^spec.tls\[0\].secretName: Invalid value: "B": a lowercase RFC 1123 subdomain/),
      ],
    ],
    ['needs paths', { rules: [{ http: {} }], tls: undefined }, ['spec.rules[0].http.paths: Required value']],
    [
      'needs a type of path',
      withPath({ pathType: undefined }),
      [`${at}.pathType: Required value: pathType must be specified`],
    ],
    [
      'knows types of paths',
      withPath({ pathType: 'Regex' }),
      [`${at}.pathType: Unsupported value: "Regex": supported values: "Exact", "ImplementationSpecific", "Prefix"`],
    ],
    [
      'needs clean paths',
      withPath({ path: 'a//b/..' }),
      [
        `${at}.path: Invalid value: "a//b/..": must be an absolute path`,
        `${at}.path: Invalid value: "a//b/..": must not contain '//'`,
        `${at}.path: Invalid value: "a//b/..": cannot end with '/..'`,
      ],
    ],
    ['leaves other paths to the controller', withPath({ path: '/a//b', pathType: 'ImplementationSpecific' }), []],
    [
      'needs a backend',
      withPath({ backend: undefined }),
      [`${at}.backend: Invalid value: "": resource or service backend is required`],
    ],
    [
      'needs one backend',
      { defaultBackend: { ...service, resource: { kind: 'A', name: 'b' } } },
      ['spec.defaultBackend: Invalid value: "": cannot set both resource and service backends'],
    ],
    [
      'needs a port',
      { defaultBackend: { service: { name: '1a', port: {} } } },
      [
        expect.stringMatching(/^spec.defaultBackend.service.name: Invalid value: "1a": a DNS-1035 label/),
        'spec.defaultBackend: Required value: port name or number is required',
      ],
    ],
    [
      'checks references',
      { defaultBackend: { resource: { apiGroup: 'A_', kind: '', name: 'a/b' } } },
      [
        expect.stringMatching(/^spec.defaultBackend.resource.apiGroup: Invalid value: "A_"/),
        'spec.defaultBackend.resource.kind: Required value',
        `spec.defaultBackend.resource.name: Invalid value: "a/b": may not contain '/'`,
      ],
    ],
  ])('%s', (_title, change, errors) => {
    expect(errorsOf(ingresses, change)).toEqual(errors);
  });

  it('warns of the old annotation, and refuses it when it contradicts the class', () => {
    const object = loadFixture(ingresses);
    object.metadata.annotations = { 'kubernetes.io/ingress.class': 'other' };
    expect(texts(ingresses.validate!(object))).toEqual([
      'annotations.kubernetes.io/ingress.class: Invalid value: "other": must match `ingressClassName` when both are specified',
    ]);
    expect(ingresses.validateUpdate!(object, object)).toEqual([]);
    expect(ingresses.warnings!(object)).toEqual([]);
    delete object.spec.ingressClassName;
    expect(ingresses.warnings!(object)).toEqual([
      `annotation "kubernetes.io/ingress.class" is deprecated, please use 'spec.ingressClassName' instead`,
    ]);
  });

  it('checks where it is reached', () => {
    const status = { loadBalancer: { ingress: [{ ip: '1.2' }, { hostname: '192.0.2.1' }] } };
    const object = { ...loadFixture(ingresses), status };
    expect(texts(ingresses.subresources!.status!.validateUpdate!(object, object))).toEqual([
      expect.stringMatching(/^status.loadBalancer.ingress\[0\].ip: Invalid value: "1.2": must be a valid IP/),
      'status.loadBalancer.ingress[1].hostname: Invalid value: "192.0.2.1": must be a DNS name, not an IP address',
    ]);
  });

  it.each([
    [[], '*'],
    [['a'], 'a'],
    [['a', 'a', 'a'], 'a,a,a'],
    [['a', undefined, 'b', 'c'], 'a,b,c'],
    [['a', 'b', 'c', 'd', undefined], 'a,b,c + 2 more...'],
  ])('shows the hosts %j as %s', (hosts, text) => {
    const object = { spec: { rules: hosts.map((host) => ({ host })) } };
    expect(cells(ingresses, object)[1]).toBe(text);
  });
});

describe('IngressClass', () => {
  it.each<Row>([
    ['accepts the sample', {}, []],
    [
      'needs a controller with a domain',
      { controller: 'nginx' },
      ['spec.controller: Invalid value: "nginx": must be a domain-prefixed path (such as "acme.io/foo")'],
    ],
    [
      'needs the namespace of its parameters',
      { parameters: { kind: 'A', name: 'b', scope: 'Namespace' } },
      ["spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'"],
    ],
    [
      'has parameters of the cluster by default',
      { parameters: { kind: 'A', name: 'b', namespace: 'c' } },
      ["spec.parameters.namespace: Forbidden: `parameters.scope` is set to 'Cluster'"],
    ],
  ])('%s', (_title, change, errors) => {
    expect(errorsOf(ingressClasses, change)).toEqual(errors);
  });

  it('keeps its controller', () => {
    expect(updateErrors(ingressClasses, { controller: 'example.com/other' })).toEqual([
      'spec.controller: Invalid value: "example.com/other": field is immutable',
    ]);
  });
});

describe('NetworkPolicy', () => {
  const ports = (...list: object[]) => ({ ingress: [{ ports: list }] });
  const peers = (...list: object[]) => ({ egress: [{ to: list }] });

  it('is about what comes in, and what goes out if it says so', () => {
    expect(withSpec(networkPolicies, {}).spec).toMatchObject({
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ ports: [{ protocol: 'TCP' }] }],
    });
    expect(withSpec(networkPolicies, { egress: undefined }).spec.policyTypes).toEqual(['Ingress']);
  });

  it.each<Row>([
    ['accepts the sample', {}, []],
    [
      'ends ranges of ports after they begin',
      ports({ port: 80, endPort: 79 }, { port: 'web', endPort: 80 }, { endPort: 1 }),
      [
        'spec.ingress[0].ports[0].endPort: Invalid value: 79: must be greater than or equal to `port`',
        'spec.ingress[0].ports[1].endPort: Invalid value: 80: may not be specified when `port` is non-numeric',
        'spec.ingress[0].ports[2].endPort: Invalid value: 1: may not be specified when `port` is not specified',
      ],
    ],
    [
      'needs peers of one sort',
      peers({}, { podSelector: {}, ipBlock: { cidr: '192.0.2.0/24' } }),
      [
        'spec.egress[0].to[0]: Required value: must specify a peer',
        'spec.egress[0].to[1]: Forbidden: may not specify both ipBlock and another peer',
      ],
    ],
    [
      'leaves out parts of a block',
      peers({ ipBlock: { cidr: '192.0.2.0/24', except: ['192.0.2.0/24', '198.51.100.0/25', 'x'] } }, { ipBlock: {} }),
      [
        'spec.egress[0].to[0].ipBlock.except[0]: Invalid value: "192.0.2.0/24": must be a strict subset of `cidr`',
        'spec.egress[0].to[0].ipBlock.except[1]: Invalid value: "198.51.100.0/25": must be a strict subset of `cidr`',
        'spec.egress[0].to[0].ipBlock.except[2]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
        'spec.egress[0].to[1].ipBlock.cidr: Required value',
      ],
    ],
    [
      'knows its types',
      { policyTypes: ['Both'] },
      ['spec.policyTypes[0]: Unsupported value: "Both": supported values: "Egress", "Ingress"'],
    ],
  ])('%s', (_title, change, errors) => {
    expect(errorsOf(networkPolicies, change)).toEqual(errors);
  });
});

describe('IPAddress', () => {
  it.each([
    ['192.0.2.1', []],
    ['2001:db8::1', []],
    ['2001:DB8::1', ['must be in canonical form ("2001:db8::1")']],
    ['::ffff:192.0.2.1', ['must not be an IPv4-mapped IPv6 address']],
    ['192.0.2.01', ['must not have leading 0s']],
    ['sample', ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)']],
  ])('may be called %s or not', (name, messages) => {
    expect(isCanonicalIp(name)).toEqual(messages);
  });

  it('needs a parent, and keeps it', () => {
    expect(errorsOf(ipAddresses, { parentRef: undefined })).toEqual(['spec.parentRef: Required value']);
    expect(errorsOf(ipAddresses, { parentRef: {} })).toEqual([
      'spec.parentRef.resource: Required value',
      'spec.parentRef.name: Required value',
    ]);
    expect(updateErrors(ipAddresses, { parentRef: { resource: 'services', name: 'a' } })).toEqual([
      'spec.parentRef: Invalid value: {"resource":"services","name":"a"}: field is immutable',
    ]);
    expect(cells(ipAddresses, loadFixture(ipAddresses))).toEqual(['services/default/sample']);
  });
});

describe('ServiceCIDR', () => {
  it.each([
    ['192.0.2.0/24', []],
    ['192.0.2.9/24', ['must be in canonical form ("192.0.2.0/24")']],
    ['2001:db8::/64', []],
    ['2001:db8:0:0:1::/64', ['must be in canonical form ("2001:db8::/64")']],
    ['0.0.0.0/0', []],
    ['::1/128', []],
  ])('may have the range %s or not', (cidr, messages) => {
    expect(isCanonicalCidr(cidr)).toEqual(messages);
  });

  it.each<Row>([
    ['needs a range', { cidrs: [] }, ['spec.cidrs: Required value: at least one CIDR required']],
    [
      'has one range of each family',
      { cidrs: ['192.0.2.0/25', '192.0.2.128/25'] },
      [
        'spec.cidrs: Invalid value: ["192.0.2.0/25","192.0.2.128/25"]: may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64',
      ],
    ],
  ])('%s', (_title, change, errors) => {
    expect(errorsOf(serviceCidrs, change)).toEqual(errors);
  });

  it('keeps its ranges, but takes a second one', () => {
    expect(updateErrors(serviceCidrs, { cidrs: ['192.0.2.0/24', '2001:db8::/64'] })).toEqual([]);
    expect(updateErrors(serviceCidrs, { cidrs: ['198.51.100.0/24'] })).toEqual([
      'spec.cidrs[0]: Invalid value: "198.51.100.0/24": field is immutable',
    ]);
    expect(updateErrors(serviceCidrs, { cidrs: [] })).toEqual(['spec.cidrs: Invalid value: []: field is immutable']);
  });
});

import { endpointSlices } from '../../../../../api/discovery/v1/endpointslice';
import { cellsOf, createErrors, updateErrors } from '../../../../support/kinds';

const make = (endpoint: object = {}, rest: object = {}) => ({
  addressType: 'IPv4',
  endpoints: [{ addresses: ['192.0.2.1'], ...endpoint }],
  ...rest,
});
const names = (count: number) => Array.from({ length: count }, (_, index) => ({ name: `n${index}` }));

it.each<[string, object, string[]]>([
  ['nothing wrong', make(), []],
  ['no type', make({}, { addressType: '' }), ['addressType: Required value']],
  [
    'an unknown type',
    make({}, { addressType: 'IP' }),
    ['addressType: Unsupported value: "IP": supported values: "FQDN", "IPv4", "IPv6"'],
  ],
  [
    'no addresses',
    make({ addresses: [] }),
    ['endpoints[0].addresses: Required value: must contain at least 1 address'],
  ],
  [
    'too many addresses',
    make({ addresses: Array(101).fill('192.0.2.1') }),
    ['endpoints[0].addresses: Too many: 101: must have at most 100 items'],
  ],
  ['names', make({ addresses: ['a.example.com.'] }, { addressType: 'FQDN' }), []],
  [
    'names without a domain',
    make({ addresses: ['localhost'] }, { addressType: 'FQDN' }),
    [
      'endpoints[0].addresses[0]: Invalid value: "localhost": should be a domain with at least two segments separated by dots',
    ],
  ],
  [
    'zones twice',
    make({ hints: { forZones: [{ name: 'a' }, { name: 'a' }] } }),
    ['endpoints[0].hints.forZones[1].name: Duplicate value: "a"'],
  ],
  [
    'hints that name nothing',
    make({ hints: { forZones: [{} as never], forNodes: [{} as never] } }),
    [expect.stringContaining('endpoints[0].hints.forNodes[0].name: Invalid value: ""')],
  ],
  [
    'too many hints',
    make({ hints: { forZones: names(9), forNodes: names(9) } }),
    ['forZones', 'forNodes'].map((list) => `endpoints[0].hints.${list}: Too many: 9: must have at most 8 items`),
  ],
  [
    'a protocol that is no name',
    make({}, { ports: [{ port: 80, appProtocol: 'a b' }] }),
    [expect.stringMatching(/^ports\[0\]\.appProtocol: Invalid value: "a b": name part must consist of/)],
  ],
  ['a name twice', make({}, { ports: [{ port: 80 }, { port: 81 }] }), ['ports[1].name: Duplicate value: ""']],
])('validates %s', (_, object, expected) => {
  expect(createErrors(endpointSlices, object)).toEqual(expected);
});

it('keeps its type', () => {
  expect(
    updateErrors(endpointSlices, make({ addresses: ['2001:db8::1'] }, { addressType: 'IPv6' }), (slice) => {
      slice.addressType = 'FQDN';
      slice.endpoints = [];
    }),
  ).toEqual(['addressType: Invalid value: "FQDN": field is immutable']);
});

it('prints the first three, and how many more', () => {
  const endpoints = ['1', '2', '3', '4', '5'].map((last) => ({ addresses: [`192.0.2.${last}`] }));
  expect(
    cellsOf(endpointSlices, { addressType: 'IPv4', endpoints, ports: [{ port: 80 }, { name: 'all' }] }),
  ).toMatchObject({
    AddressType: 'IPv4',
    Ports: '80,all',
    Endpoints: '192.0.2.1,192.0.2.2,192.0.2.3 + 2 more...',
  });
});

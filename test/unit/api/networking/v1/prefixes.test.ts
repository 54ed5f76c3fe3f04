import { prefixContains, prefixContainsPrefix } from '../../../../../api/networking/v1/prefixes';

it.each([
  ['10.96.0.0/16', '10.96.255.255', true],
  ['10.96.0.0/16', '10.97.0.0', false],
  ['10.96.0.0/16', 'fd00::1', false],
  ['fd00::/108', 'fd00::1', true],
  ['nonsense', '10.96.0.1', false],
])('%s holds %s: %s', (cidr, ip, expected) => {
  expect(prefixContains(cidr, ip)).toBe(expected);
});

it.each([
  ['10.96.0.0/16', '10.96.4.0/24', true],
  ['10.96.0.0/16', '10.96.0.0/16', true],
  ['10.96.4.0/24', '10.96.0.0/16', false],
  ['10.96.0.0/16', '10.97.0.0/24', false],
  ['fd00::/64', 'fd00::/108', true],
  ['0.0.0.0/0', 'fd00::/108', false],
])('%s holds all of %s: %s', (outer, inner, expected) => {
  expect(prefixContainsPrefix(outer, inner)).toBe(expected);
});

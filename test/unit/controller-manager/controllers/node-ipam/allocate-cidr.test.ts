import {
  formatCidr,
  nextFreeCidr,
  overlaps,
  parseCidr,
} from '../../../../../controller-manager/controllers/node-ipam/allocate-cidr';

const next = (range: string, mask: number, ...inUse: string[]): string | undefined => {
  const found = nextFreeCidr(parseCidr(range), mask, inUse.map(parseCidr));
  return found && formatCidr(found);
};

describe('nextFreeCidr', () => {
  it('gives the lowest free network, also one that was given back', () => {
    expect(next('10.244.0.0/16', 24)).toBe('10.244.0.0/24');
    expect(next('10.244.0.0/16', 24, '10.244.0.0/24', '10.244.2.0/24')).toBe('10.244.1.0/24');
  });
  it('steps over networks of other sizes', () => {
    expect(next('10.244.0.0/16', 24, '10.244.0.0/22', '10.244.4.128/25')).toBe('10.244.5.0/24');
  });
  it('is exhausted when all are in use', () => {
    expect(next('10.0.0.0/30', 31, '10.0.0.0/31', '10.0.0.2/31')).toBeUndefined();
  });
  it('works for IPv6', () => {
    expect(next('fd00:10::/56', 64, 'fd00:10::/64')).toBe('fd00:10:0:1::/64');
  });
  it('refuses a mask wider than the range', () => {
    expect(() => next('10.0.0.0/24', 16)).toThrow('node CIDR mask size /16 is larger than the cluster CIDR');
  });
});

describe('parseCidr', () => {
  it('masks host bits', () => expect(formatCidr(parseCidr('10.1.2.3/16'))).toBe('10.1.0.0/16'));
  it.each(['10.1/16', '10.0.0.0/33', '010.0.0.0/8', 'x', '1::2::3/64'])('refuses %s', (text) =>
    expect(() => parseCidr(text)).toThrow('invalid CIDR address'),
  );
  it('tells overlaps', () => {
    expect(overlaps(parseCidr('10.0.0.0/8'), parseCidr('10.9.0.0/16'))).toBe(true);
    expect(overlaps(parseCidr('10.0.0.0/16'), parseCidr('10.1.0.0/16'))).toBe(false);
    expect(overlaps(parseCidr('0.0.0.0/0'), parseCidr('::/0'))).toBe(false);
  });
});

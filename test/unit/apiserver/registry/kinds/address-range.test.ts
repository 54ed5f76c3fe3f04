import { addressRange, portRange } from '../../../../../apiserver/registry/kinds/address-range';

describe('address range', () => {
  it('leaves out network and broadcast', () => {
    const range = addressRange('10.96.0.5/24');
    expect(range).toMatchObject({ text: '10.96.0.0/24', size: 254, staticBand: 16 });
    expect(range.valueOf(0)).toBe('10.96.0.1');
    expect(range.valueOf(253)).toBe('10.96.0.254');
    expect(['10.96.0.0', '10.96.0.255', '10.96.1.1', '10.96', 'x'].map((ip) => range.offsetOf(ip))).toEqual(
      Array.from({ length: 5 }),
    );
    expect(range.offsetOf('10.96.0.10')).toBe(9);
  });

  it('has the static bands of upstream', () => {
    const bands = ['10.0.0.0/28', '10.0.0.0/24', '10.0.0.0/20', '10.0.0.0/12'].map(
      (cidr) => addressRange(cidr).staticBand,
    );
    expect(bands).toEqual([0, 16, 255, 256]);
    expect(portRange('30000-32767').staticBand).toBe(86);
  });

  it('refuses what is no range', () => {
    for (const cidr of ['10.96.0.0', 'fd00::/108', '10.96.0.0/31', '10.96.0.0/x']) {
      expect(() => addressRange(cidr)).toThrow('is not an IPv4 CIDR');
    }
    for (const text of ['0-10', 'x', '20-10', '30000-70000']) expect(() => portRange(text)).toThrow('is not valid');
  });
});

describe('port range', () => {
  it('reads from-to, from+count and one port', () => {
    expect(portRange('30000-30009')).toMatchObject({ size: 10, text: '30000-30009' });
    expect(portRange('30000+9')).toMatchObject({ size: 10 });
    expect(portRange('30000').size).toBe(1);
    expect(portRange('30000-30009').offsetOf('30009')).toBe(9);
    expect(portRange('30000-30009').offsetOf('30010')).toBeUndefined();
  });
});

import { Quantity, QuantityError } from '../../../../api/meta/quantity';

const q = (text: string | number): Quantity => Quantity.parse(text);

describe('Quantity', () => {
  it.each([
    ['0', '0'],
    ['0Mi', '0'],
    ['1', '1'],
    ['-1', '-1'],
    ['+1', '1'],
    ['0.5', '500m'],
    ['.5', '500m'],
    ['5.', '5'],
    ['1000m', '1'],
    ['1500m', '1500m'],
    ['100m', '100m'],
    ['1000', '1k'],
    ['1100', '1100'],
    ['1e3', '1e3'],
    ['1E3', '1e3'],
    ['1e2', '100'],
    ['12e-3', '12e-3'],
    ['1E', '1E'],
    ['1024', '1024'],
    ['1024Ki', '1Mi'],
    ['1.5Gi', '1536Mi'],
    ['512Ki', '512Ki'],
    ['1023Ki', '1023Ki'],
    ['0.5Ki', '512'],
    ['0.0001Ki', '102400u'],
    ['1.5Mi', '1536Ki'],
    ['100n', '100n'],
    ['0.1n', '1n'],
    ['-0.1n', '-1n'],
    ['1u', '1u'],
    ['1e30', '9223372036854775807'],
    ['100E', '9223372036854775807'],
    ['0.3Gi', '322122547200m'],
  ])('prints %s as %s', (text, canonical) => {
    expect(q(text).toString()).toBe(canonical);
  });

  it('reads JSON numbers', () => {
    expect(q(2).toString()).toBe('2');
    expect(q(0.1).toString()).toBe('100m');
    expect(q(1e21).value()).toBe(Number(2n ** 63n - 1n));
  });

  it.each(['', 'x', '1.2.3', '1 Gi', '--1', ' 1', '.', '1_000', 'Ki'])('refuses %j by its format', (text) => {
    expect(() => q(text)).toThrow(
      new QuantityError("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"),
    );
  });

  it.each(['1K', '1mi', '1e', '1e+', '1Em', '1GMi'])('refuses the suffix of %s', (text) => {
    expect(() => q(text)).toThrow(new QuantityError("unable to parse quantity's suffix"));
    expect(Quantity.tryParse(text)).toBeUndefined();
  });

  it('rounds values up', () => {
    expect(q('1100m').value()).toBe(2);
    expect(q('-1100m').value()).toBe(-1);
    expect(q('1500u').milliValue()).toBe(2);
    expect(q('2Gi').value()).toBe(2 ** 31);
  });

  it('adds, subtracts and compares exactly, keeping the format of the first that is not zero', () => {
    expect(Quantity.zero.add(q('1Gi')).add(q('512Mi')).toString()).toBe('1536Mi');
    expect(q('100m').add(q('0.2')).toString()).toBe('300m');
    expect(q('1Gi').sub(q('1Gi')).isZero()).toBe(true);
    expect(q('1').sub(q('2')).isNegative()).toBe(true);
    expect(q('1Ki').cmp(q('1k'))).toBe(1);
    expect(q('1000m').cmp(q('1'))).toBe(0);
    expect(Quantity.of(250).toString()).toBe('250m');
    expect(Quantity.ofValue(2048, 'BinarySI').toString()).toBe('2Ki');
    expect(JSON.stringify({ cpu: q('0.25') })).toBe('{"cpu":"250m"}');
  });

  it('does not compute absurd exponents', () => {
    expect(q('1e2000000000').value()).toBe(Number(2n ** 63n - 1n));
    expect(q('1e-2000000000').toString()).toBe('1e-9');
    expect(q('0e2000000000').toString()).toBe('0');
  });
});

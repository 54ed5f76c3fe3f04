import { parseBody } from '../../../../apiserver/endpoints/parse-body';

const json = (text: string): unknown => parseBody(Buffer.from(text), 'json');
const yaml = (text: string): any => parseBody(Buffer.from(text), 'yaml');

describe('parseBody', () => {
  it('refuses deep nesting before it reaches recursive code', () => {
    expect(() => json('['.repeat(100_000) + ']'.repeat(100_000))).toThrow('exceeded max depth');
    expect(() => yaml('['.repeat(100_000))).toThrow(/exceeded max depth|yaml/);
    expect(json('['.repeat(100) + ']'.repeat(100))).toBeDefined();
  });

  it('does not count brackets inside strings', () => {
    const text = JSON.stringify({ a: '[{\\"'.repeat(1000) });
    expect(json(text)).toEqual(JSON.parse(text));
  });

  it('refuses keys that reach a prototype, also when they are escaped', () => {
    expect(() => json('{"a":{"__proto__":{"polluted":1}}}')).toThrow('"__proto__" is not allowed');
    expect(() => json(String.raw`{"\u005f_proto__":1}`)).toThrow('"__proto__" is not allowed');
    expect(() => json('{"constructor":{"prototype":{"polluted":1}}}')).toThrow('"constructor" is not allowed');
    expect(() => yaml('__proto__: {polluted: 1}')).toThrow('"__proto__" is not allowed');
    expect(json('{"data":{"constructor":"fine"}}')).toEqual({ data: { constructor: 'fine' } });
  });

  it('refuses YAML alias bombs', () => {
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x,x]'];
    for (const [name, before] of ['ba', 'cb', 'dc', 'ed', 'fe', 'gf']) {
      bomb.push(`${name}: &${name} [${Array(10).fill(`*${before}`).join(',')}]`);
    }
    expect(() => yaml(bomb.join('\n'))).toThrow(/alias/i);
  });

  it('reads YAML as sigs.k8s.io/yaml does', () => {
    expect(yaml('a: yes\nb: off\nc: 0644\nd: 2020-01-01\ne: 12:30:45\nf: "1"\ng: null\nh: 1e3\n8080: x')).toEqual({
      a: true,
      b: false,
      c: 420,
      d: '2020-01-01',
      e: '12:30:45',
      f: '1',
      g: null,
      h: 1000,
      8080: 'x',
    });
  });

  it('names syntax errors as Go does', () => {
    expect(() => json('')).toThrow('unexpected end of JSON input');
    expect(() => json('{"a":')).toThrow('unexpected end of JSON input');
    expect(() => json('not json')).toThrow('invalid character');
  });
});

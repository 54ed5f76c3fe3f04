import { applyMergePatch } from '../../../../apiserver/patch/merge-patch';

describe('applyMergePatch', () => {
  it.each([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('%j with %j', (current, patch, expected) => {
    expect(applyMergePatch(current, patch)).toEqual(expected);
  });

  it('leaves the current object alone', () => {
    const current = { a: { b: 1 } };
    applyMergePatch(current, { a: { b: 2 } });
    expect(current).toEqual({ a: { b: 1 } });
  });

  it.each([null, [], 'x', 1])('refuses %j', (patch) => {
    expect(() => applyMergePatch({}, patch)).toThrow(expect.objectContaining({ code: 400 }) as Error);
  });

  it('refuses prototype keys', () => {
    expect(() => applyMergePatch({}, JSON.parse('{"a":[{"__proto__":{"x":1}}]}'))).toThrow('which is not allowed');
  });
});

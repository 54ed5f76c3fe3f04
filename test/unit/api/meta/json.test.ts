import { cloneJson, deepEqual } from '../../../../api/meta/json';

describe('cloneJson', () => {
  it('copies deeply and leaves out undefined', () => {
    const source = { a: [{ b: 1 }], c: undefined, d: null };
    const copy = cloneJson(source);
    expect(copy).toStrictEqual({ a: [{ b: 1 }], d: null });
    expect(copy.a[0]).not.toBe(source.a[0]);
  });

  it('keeps a __proto__ member a member', () => {
    const copy = cloneJson(JSON.parse('{"__proto__": {"x": 1}}') as object);
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
    expect(Object.keys(copy)).toEqual(['__proto__']);
  });
});

describe('deepEqual', () => {
  it.each([
    [{ a: 1 }, { a: 1, b: undefined }, true],
    [{ a: 1 }, { a: 1, b: [] }, true],
    [{ a: 1, b: null }, { a: 1 }, true],
    [{ a: {} }, {}, false],
    [[1, 2], [2, 1], false],
    [{ a: [{ x: '1' }] }, { a: [{ x: '1' }] }, true],
    [{ a: 1 }, [1], false],
    ['1', 1, false],
    [{ toString: 1 }, {}, false],
  ])('%j and %j: %s', (a, b, expected) => {
    expect(deepEqual(a, b)).toBe(expected);
    expect(deepEqual(b, a)).toBe(expected);
  });
});

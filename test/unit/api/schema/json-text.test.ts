import { findDuplicateFields, jsonDepth } from '../../../../api/schema/json-text';

describe('findDuplicateFields', () => {
  it.each([
    ['{"a":1,"b":{"a":2}}', []],
    ['{"a":1,"a":2}', ['a']],
    ['{"spec":{"replicas":1,"x":"}","replicas":2}}', ['spec.replicas']],
    ['{"l":[{"n":1},{"n":1,"n":2}]}', ['l[1].n']],
    ['{"l":["a","a"],"m":["{\\"x\\":1,\\"x\\":2}"]}', []],
    ['{"a":1,"\\u0061":2}', ['a']],
    ['[{"a":1,"a":1,"a":1}]', ['[0].a']],
    ['"text"', []],
  ])('%s', (text, paths) => {
    expect(findDuplicateFields(text)).toEqual(paths);
  });
});

describe('jsonDepth', () => {
  it.each([
    ['1', 0],
    ['{"a":[{"b":"[[[["}]}', 3],
    ['['.repeat(100_000), 100_000],
  ])('of %.20s is %d', (text, depth) => {
    expect(jsonDepth(text)).toBe(depth);
  });
});

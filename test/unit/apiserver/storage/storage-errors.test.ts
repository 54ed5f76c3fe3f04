import { parseRevision } from '../../../../apiserver/storage/storage-errors';

describe('a resource version', () => {
  it.each([
    ['0', 0],
    ['42', 42],
    ['007', 7],
    ['9007199254740993', Number.MAX_SAFE_INTEGER],
    ['18446744073709551615', Number.MAX_SAFE_INTEGER],
  ])('%s is a number', (text, revision) => expect(parseRevision(text)).toBe(revision));

  it.each([
    ['abc', 'invalid syntax'],
    ['-1', 'invalid syntax'],
    ['1.5', 'invalid syntax'],
    ['18446744073709551616', 'value out of range'],
    ['9'.repeat(1000), 'value out of range'],
  ])('%s is none', (text, why) => expect(() => parseRevision(text)).toThrow(why));
});

import { countIndexes, firstCommonIndex, parseIndexes } from '../../../../../../api/batch/v1/job';

it('reads lists of indexes', () => {
  expect(parseIndexes('', 5)).toEqual([]);
  expect(parseIndexes('1,3-5,7', 8)).toEqual([
    [1, 1],
    [3, 5],
    [7, 7],
  ]);
  expect(countIndexes(parseIndexes('1,3-5,7', 8))).toBe(5);
});

it.each([
  ['a', 'cannot convert string to integer for index: "a"'],
  ['1-', 'cannot convert string to integer for index: ""'],
  [
    '1-2-3',
    `the fragment "1-2-3" violates the requirement that an index interval can have at most two parts separated by '-'`,
  ],
  ['8', 'too large index: "8"'],
  ['1-8', 'too large index: "8"'],
  ['3-3', 'non-increasing order, previous: 3, current: 3'],
  ['1,1', 'non-increasing order, previous: 1, current: 1'],
  ['1-4,3', 'non-increasing order, previous: 4, current: 3'],
])('refuses %s', (text, message) => {
  expect(() => parseIndexes(text, 8)).toThrow(message);
});

it.each<[string, string, number | undefined]>([
  ['1-3', '4-5', undefined],
  ['1-3,7', '0,3-4', 3],
  ['0,5-9', '1-4,7', 7],
  ['', '1', undefined],
])('finds what %s and %s share', (one, other, expected) => {
  expect(firstCommonIndex(parseIndexes(one, 10), parseIndexes(other, 10))).toBe(expected);
});

import { columnsOf, humanDuration, translateTimestampSince } from '../../../../api/meta/columns';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

describe('humanDuration', () => {
  it.each([
    [-3 * second, '<invalid>'],
    [-second, '0s'],
    [0, '0s'],
    [59 * second, '59s'],
    [119 * second, '119s'],
    [2 * minute, '2m'],
    [3 * minute + 12 * second, '3m12s'],
    [10 * minute + 5 * second, '10m'],
    [179 * minute, '179m'],
    [3 * hour, '3h'],
    [5 * hour + 20 * minute, '5h20m'],
    [47 * hour, '47h'],
    [2 * day, '2d'],
    [2 * day + 4 * hour, '2d4h'],
    [37 * day, '37d'],
    [2 * 365 * day + 18 * day, '2y18d'],
    [9 * 365 * day, '9y'],
  ])('prints %d ms as %s', (duration, text) => {
    expect(humanDuration(duration)).toBe(text);
  });
});

it('prints a missing time as unknown', () => {
  expect(translateTimestampSince(undefined, 0)).toBe('<unknown>');
  expect(translateTimestampSince('1970-01-01T00:00:00Z', 5000)).toBe('5s');
});

it('gives kinds without columns their name and creation time', () => {
  expect(columnsOf({}).map(({ name }) => name)).toEqual(['Name', 'Created At']);
});

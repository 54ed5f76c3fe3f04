import { timeLimitOf } from '../../../apiserver/request-timeout';

const limitOf = (query: string): number => timeLimitOf(new URLSearchParams(query), 60_000);

describe('timeLimitOf', () => {
  it.each<[string, number]>([
    ['', 60_000],
    ['timeout=', 60_000],
    ['timeout=1500ms', 1500],
    ['timeout=0s', 60_000],
    ['timeout=-5s', 60_000],
    ['timeout=34h', 60_000],
  ])('takes %j', (query, expected) => expect(limitOf(query)).toBe(expected));

  it.each<[string, string]>([
    ['invalid', 'time: invalid duration "invalid"'],
    ['30', 'time: missing unit in duration "30"'],
  ])('refuses %j', (text, reason) =>
    expect(() => limitOf(`timeout=${text}`)).toThrow(`invalid timeout specified in the request URL - ${reason}`),
  );
});

import { createBackOff, formatGoDuration } from '../../../../kubelet/pods/back-off';

describe('createBackOff', () => {
  it('doubles from 10 s to 5 min and forgets after 10 quiet minutes', () => {
    const backOff = createBackOff(10_000, 300_000);
    expect(backOff.get('k', 0)).toBe(0);
    const delays = [0, 1, 2, 3, 4, 5, 6].map((n) => backOff.next('k', n * 60_000, n * 60_000));
    expect(delays).toEqual([10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]);
    expect(backOff.get('k', 360_000 + 600_000)).toBe(300_000);
    expect(backOff.get('k', 360_000 + 600_001)).toBe(0);
    expect(backOff.next('k', 2_000_000, 2_000_000)).toBe(10_000);
  });

  it('forgets by prefix', () => {
    const backOff = createBackOff(10_000, 300_000);
    backOff.next('pod/a', 0, 0);
    backOff.reset('pod/');
    expect(backOff.get('pod/a', 1)).toBe(0);
  });
});

it.each([
  [10_000, '10s'],
  [80_000, '1m20s'],
  [300_000, '5m0s'],
])('prints %d ms as Go does: %s', (ms, text) => {
  expect(formatGoDuration(ms)).toBe(text);
});

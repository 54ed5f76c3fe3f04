import type { Observations } from '../../../../kubelet/eviction/signals';
import {
  amountOf,
  metThresholds,
  parseThresholds,
  reservedFor,
  type ThresholdFlags,
} from '../../../../kubelet/eviction/thresholds';

const parse = (flags: Partial<ThresholdFlags>) =>
  parseThresholds({
    evictionHard: [],
    evictionSoft: [],
    evictionSoftGracePeriod: [],
    evictionMinimumReclaim: [],
    ...flags,
  });

const gib = 2 ** 30;

describe('thresholds', () => {
  it('are hard, or soft with a grace period', () => {
    const [hard, soft] = parse({
      evictionHard: ['memory.available<100Mi'],
      evictionSoft: ['memory.available<10%'],
      evictionSoftGracePeriod: ['memory.available=1m30s'],
      evictionMinimumReclaim: ['memory.available=0.5Gi', 'nodefs.available=1Gi'],
    });
    expect([hard?.gracePeriodMs, soft?.gracePeriodMs]).toEqual([0, 90_000]);
    expect([hard, soft].map((threshold) => threshold && amountOf(threshold.amount, gib))).toEqual([
      104857600, 107374184,
    ]);
    expect(hard?.minReclaim && amountOf(hard.minReclaim, gib)).toBe(gib / 2);
  });

  it('are switched off by 0% and 100%, and the last of a signal counts', () => {
    expect(parse({ evictionHard: ['nodefs.available<0%', 'imagefs.available<100%'] })).toEqual([]);
    expect(parse({ evictionHard: ['pid.available<10', 'pid.available<0%'] })).toEqual([]);
  });

  it.each<[flags: Partial<ThresholdFlags>, message: string]>([
    [
      { evictionHard: ['memory.available'] },
      'invalid argument "memory.available" for "--eviction-hard" flag: malformed pair, expect string<string',
    ],
    [{ evictionHard: ['mem<1'] }, 'unsupported eviction signal mem'],
    [{ evictionHard: ['memory.available<0'] }, 'eviction threshold memory.available must be positive: 0'],
    [{ evictionHard: ['memory.available<-1Mi'] }, 'eviction threshold memory.available must be positive: -1Mi'],
    [{ evictionHard: ['memory.available<-5%'] }, 'eviction percentage threshold memory.available must be >= 0%: -5%'],
    [
      { evictionHard: ['memory.available<101%'] },
      'eviction percentage threshold memory.available must be <= 100%: 101%',
    ],
    [{ evictionHard: ['memory.available<x%'] }, 'strconv.ParseFloat: parsing "x": invalid syntax'],
    [
      { evictionHard: ['memory.available<lots'] },
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ],
    [
      { evictionSoft: ['memory.available<1Gi'] },
      'grace period must be specified for the soft eviction threshold memory.available',
    ],
    [
      { evictionSoft: ['memory.available<1Gi'], evictionSoftGracePeriod: ['memory.available=-1s'] },
      'invalid eviction grace period specified: -1s, must be a positive value',
    ],
    [
      { evictionHard: ['memory.available<1Gi'], evictionMinimumReclaim: ['memory.available=0%'] },
      'eviction percentage minimum reclaim memory.available must be positive: 0%',
    ],
    [
      { evictionHard: ['memory.available<1Gi'], evictionMinimumReclaim: ['memory.available=-1'] },
      'negative eviction minimum reclaim specified for memory.available',
    ],
  ])('refuse %j', (flags, message) => {
    expect(() => parse(flags)).toThrow(message);
  });

  it.each<[available: number, met: boolean, withMinReclaim: boolean]>([
    [gib - 1, true, true],
    [gib, false, true],
    [gib + 99, false, true],
    [gib + 100, false, false],
  ])('with %d bytes left', (available, met, withMinReclaim) => {
    const thresholds = parse({
      evictionHard: ['memory.available<1Gi'],
      evictionMinimumReclaim: ['memory.available=100'],
    });
    const observations: Observations = new Map([['memory.available', { available, capacity: 4 * gib }]]);
    expect(metThresholds(thresholds, observations, { withMinReclaim: false })).toHaveLength(met ? 1 : 0);
    expect(metThresholds(thresholds, observations, { withMinReclaim: true })).toHaveLength(withMinReclaim ? 1 : 0);
  });

  it('are not met by what cannot be observed', () => {
    expect(metThresholds(parse({ evictionHard: ['pid.available<10'] }), new Map(), { withMinReclaim: false })).toEqual(
      [],
    );
  });

  it('reserve what hard ones say', () => {
    const thresholds = parse({
      evictionHard: ['nodefs.available<10%'],
      evictionSoft: ['memory.available<1Gi'],
      evictionSoftGracePeriod: ['memory.available=1m'],
    });
    expect(reservedFor('nodefs.available', thresholds, 1000)).toBe(100);
    expect(reservedFor('memory.available', thresholds, 1000)).toBe(0);
  });
});

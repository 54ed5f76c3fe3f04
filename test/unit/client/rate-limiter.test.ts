import { TokenBucket } from '../../../client/rate-limiter';

describe('TokenBucket', () => {
  const start = (qps: number, burst: number) => {
    const clock = { ms: 1_000_000, now: () => clock.ms, after: () => () => {}, sleep: async () => {} };
    return { clock, bucket: new TokenBucket(qps, burst, clock) };
  };

  it('lets a burst through, then asks for waits at the rate', () => {
    const { clock, bucket } = start(10, 2);
    expect([bucket.reserve(), bucket.reserve(), bucket.reserve(), bucket.reserve()]).toEqual([0, 0, 100, 200]);
    clock.ms += 300;
    expect(bucket.reserve()).toBe(0);
  });

  it('accepts only what it has', () => {
    const { clock, bucket } = start(1, 1);
    expect([bucket.tryAccept(), bucket.tryAccept()]).toEqual([true, false]);
    clock.ms += 1000;
    expect(bucket.tryAccept()).toBe(true);
  });

  it('goes on at its rate when the clock is set back', () => {
    const { clock, bucket } = start(10, 1);
    bucket.reserve();
    clock.ms -= 3_600_000;
    expect(bucket.reserve()).toBe(100);
    clock.ms += 200;
    expect(bucket.reserve()).toBe(0);
  });
});

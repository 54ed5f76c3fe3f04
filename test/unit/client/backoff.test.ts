import { createBackoff, KeyedBackoff } from '../../../client/backoff';
import { TokenBucket } from '../../../client/rate-limiter';
import { createFakeClock } from '../../support/fake-clock';

describe('createBackoff', () => {
  it('grows to the maximum, with jitter, and starts anew after quiet', async () => {
    const clock = createFakeClock();
    const backoff = createBackoff({
      initialMs: 800,
      maxMs: 3000,
      jitter: 1,
      resetAfterMs: 120_000,
      clock,
      random: () => 0.5,
    });
    expect([backoff.next(), backoff.next(), backoff.next(), backoff.next()]).toEqual([1200, 2400, 4500, 4500]);
    await clock.advance(120_001);
    expect(backoff.next()).toBe(1200);
    backoff.reset();
    expect(backoff.next()).toBe(1200);
  });
});

describe('KeyedBackoff', () => {
  it('doubles per key, tells what remains, and forgets after twice the maximum', async () => {
    const clock = createFakeClock();
    const backoff = new KeyedBackoff({ initialMs: 10_000, maxMs: 300_000, clock });
    expect([backoff.next('a'), backoff.next('a')]).toEqual([10_000, 20_000]);
    const at = clock.now();
    await clock.advance(5000);
    expect(backoff.remaining('a', at)).toBe(15_000);
    expect(backoff.remaining('b', at)).toBe(0);
    await clock.advance(600_001);
    expect(backoff.next('a')).toBe(10_000);
    await clock.advance(600_001);
    backoff.collect();
    expect(backoff.get('a')).toBe(0);
  });
});

describe('TokenBucket', () => {
  it('lets the burst through and then its rate', async () => {
    const clock = createFakeClock();
    const bucket = new TokenBucket(10, 2, clock);
    expect([bucket.reserve(), bucket.reserve(), bucket.reserve(), bucket.reserve()]).toEqual([0, 0, 100, 200]);
    expect(bucket.tryAccept()).toBe(false);
    await clock.advance(1000);
    expect(bucket.tryAccept()).toBe(true);
  });
});

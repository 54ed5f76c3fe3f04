import { dealHand, hashFlow } from '../../../../apiserver/flow-control/shuffle-shard';

it('deals different queues, always the same to one flow', () => {
  for (let i = 0; i < 500; i++) {
    const hash = hashFlow('global-default', `user-${i}`);
    const hand = dealHand(hash, 64, 6);
    expect(new Set(hand).size).toBe(6);
    expect(Math.min(...hand)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...hand)).toBeLessThan(64);
    expect(dealHand(hash, 64, 6)).toEqual(hand);
  }
});

it('deals every queue about as often', () => {
  const dealt = Array.from({ length: 16 }, () => 0);
  for (let i = 0; i < 4000; i++) for (const queue of dealHand(hashFlow('s', String(i)), 16, 4)) dealt[queue]!++;
  for (const count of dealt) expect(Math.abs(count - 1000)).toBeLessThan(150);
});

it('deals all there are when the hand is as large as the deck', () => {
  expect(dealHand(123_456_789n, 4, 8).sort()).toEqual([0, 1, 2, 3]);
});

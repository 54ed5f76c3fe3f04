/** Deals each flow a small hand of the queues, always the same: few flows share all of theirs. Upstream: `util/shufflesharding`. */
import { createHash } from 'node:crypto';

/** The hash of a flow: of its schema and what tells flows apart. */
export function hashFlow(schema: string, distinguisher: string): bigint {
  return createHash('sha256').update(`${schema}\0${distinguisher}`).digest().readBigUInt64LE(0);
}

/** `handSize` different numbers below `deckSize`, in the order dealt. */
export function dealHand(hash: bigint, deckSize: number, handSize: number): number[] {
  const hand: number[] = [];
  let rest = hash;
  for (let dealt = 0; dealt < Math.min(handSize, deckSize); dealt++) {
    const remaining = BigInt(deckSize - dealt);
    let card = Number(rest % remaining);
    rest /= remaining;
    // The card counts among those not dealt yet.
    for (const taken of [...hand].sort((a, b) => a - b)) if (card >= taken) card++;
    hand.push(card);
  }
  return hand;
}

/** The short form of the consistency check; `npm run test:consistency` is the long one. */
import { runConsistency, summarize } from '../../consistency/run';

it('keeps every promise while servers and etcd are killed, frozen and compacted', async () => {
  // A busy machine does little in four seconds: then it gets more.
  for (const seconds of [4, 12, 30]) {
    const seed = Math.floor(Math.random() * 1e9);
    const result = await runConsistency({ seed, durationMs: seconds * 1000, tell: () => undefined });
    const { violations, history, faults } = result;
    // The seed says how to repeat it: npm run test:consistency -- --seconds=4 --seed=…
    expect({ seed, seconds, violations: violations.slice(0, 5) }).toEqual({ seed, seconds, violations: [] });
    if (faults >= 3 && history.stored.length > 100) return;
    console.warn(`Too little in ${seconds} s, trying for longer: ${summarize(result)}`);
  }
  throw new Error('this machine is too slow to show anything');
}, 240_000);

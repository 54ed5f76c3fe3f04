/** The short form of the consistency check; `npm run test:consistency` is the long one. */
import { runConsistency, summarize } from '../../consistency/run';

it('keeps every promise while servers and etcd are killed, frozen and compacted', async () => {
  const seed = Math.floor(Math.random() * 1e9);
  const result = await runConsistency({ seed, durationMs: 4_000, tell: () => undefined });
  const { violations, history, faults } = result;
  // The seed says how to repeat it: npm run test:consistency -- --seconds=4 --seed=…
  expect({ seed, violations: violations.slice(0, 5) }).toEqual({ seed, violations: [] });
  expect({ summary: summarize(result), enough: faults >= 3 && history.stored.length > 100 }).toMatchObject({
    enough: true,
  });
}, 90_000);

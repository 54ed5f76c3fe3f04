/**
 * Many requests of one kind without flooding a server that refuses them all: batches of 1, 2, 4, …, each only after the one
 * before succeeded. Upstream: `slowStartBatch`.
 */
export interface BatchOutcome {
  successes: number;
  /** The first failure of the last batch tried. */
  error?: unknown;
}

/** Calls `act` up to `count` times. A batch with a failure is the last one. */
export async function slowStartBatch(
  count: number,
  initialBatchSize: number,
  act: () => Promise<unknown>,
): Promise<BatchOutcome> {
  let successes = 0;
  for (
    let remaining = count, size = Math.min(count, initialBatchSize);
    size > 0;
    size = Math.min(2 * size, remaining)
  ) {
    const outcomes = await Promise.allSettled(Array.from({ length: size }, async () => act()));
    const failures = outcomes.filter((outcome) => outcome.status === 'rejected');
    successes += size - failures.length;
    if (failures.length) return { successes, error: failures[0]?.reason };
    remaining -= size;
  }
  return { successes };
}

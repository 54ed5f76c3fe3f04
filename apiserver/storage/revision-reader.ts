/**
 * etcd's current revision by quorum read, for linearizable reads from the cache. Concurrent callers share one read, but only
 * one that started after they arrived: an earlier one could miss a write that was acknowledged in between.
 */
export interface RevisionReader {
  current(): Promise<number>;
}

export function createRevisionReader(read: () => Promise<number>): RevisionReader {
  let running: Promise<number> | undefined;
  let next: Promise<number> | undefined;

  const startRead = (): Promise<number> => {
    const started = (async () => {
      try {
        return await read();
      } finally {
        running = undefined;
      }
    })();
    running = started;
    return started;
  };
  const afterRunning = async (earlier: Promise<number>): Promise<number> => {
    await earlier.catch(() => undefined);
    next = undefined;
    return startRead();
  };
  return {
    current() {
      if (!running) return next ?? startRead();
      next ??= afterRunning(running);
      return next;
    },
  };
}

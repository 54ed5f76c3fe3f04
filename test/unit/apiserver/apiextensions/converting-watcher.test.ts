import { convertingWatcher } from '../../../../apiserver/apiextensions/converting-watcher';
import type { CachedObject, StorageWatchEvent } from '../../../../apiserver/storage/storage';

const entry = (key: string, revision: number): CachedObject => ({
  key,
  revision,
  object: { metadata: { name: key, uid: key, resourceVersion: String(revision), creationTimestamp: '' } },
  bytes: () => Buffer.alloc(0),
});
const modified = (key: string, revision: number): StorageWatchEvent => ({
  type: 'MODIFIED',
  entry: entry(key, revision),
});

/** A watcher below whose events the test hands out, and a conversion that the test lets go on. */
function setUp(room = () => true) {
  const converted = new Map<CachedObject, CachedObject>();
  let send: (events: StorageWatchEvent[]) => boolean = () => true;
  let release: (error?: Error) => void = () => undefined;
  const below = { resumed: 0, stopped: false };
  const watcher = convertingWatcher(
    {
      start: (sink) => void (send = sink),
      resume: () => void below.resumed++,
      stop: () => void (below.stopped = true),
    },
    {
      known: (one) => converted.get(one),
      async serveAll(entries) {
        await new Promise<void>((resolve, reject) => (release = (error) => (error ? reject(error) : resolve())));
        for (const one of entries) converted.set(one, one);
        return [...entries];
      },
    },
  );
  const seen: string[] = [];
  watcher.start((events) => {
    for (const event of events) seen.push('entry' in event ? `${event.entry.key}${event.entry.revision}` : event.type);
    return room();
  });
  return {
    watcher,
    below,
    seen,
    send: (...events: StorageWatchEvent[]) => send(events),
    release: (error?: Error) => release(error),
  };
}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('convertingWatcher', () => {
  it('holds the watcher below while it converts, then sends and goes on', async () => {
    const { below, seen, send, release } = setUp();
    expect(send(modified('a', 1), modified('b', 2))).toBe(false);
    expect(seen).toEqual([]);
    release();
    await turn();
    expect([seen, below.resumed]).toEqual([['a1', 'b2'], 1]);
    expect(send({ type: 'BOOKMARK', revision: 3 })).toBe(true);
    expect(seen).toEqual(['a1', 'b2', 'BOOKMARK']);
  });

  it('waits for a slow client before it goes on', async () => {
    let room = false;
    const { watcher, below, send, release } = setUp(() => room);
    send(modified('a', 1));
    release();
    await turn();
    expect(below.resumed).toBe(0);
    room = true;
    watcher.resume();
    expect(below.resumed).toBe(1);
  });

  it('ends with an error when the conversion fails, and at once when the watch below does', async () => {
    const failing = setUp();
    failing.send(modified('a', 1));
    failing.release(new Error('no'));
    await turn();
    expect([failing.seen, failing.below.stopped]).toEqual([['ERROR'], true]);
    const cut = setUp();
    cut.send(modified('a', 1));
    cut.send({ type: 'ERROR', error: new Error('too far behind') });
    cut.release();
    await turn();
    expect(cut.seen).toEqual(['ERROR']);
  });

  it('says nothing after it was stopped', async () => {
    const { watcher, seen, send, release } = setUp();
    send(modified('a', 1));
    watcher.stop();
    release();
    await turn();
    expect(seen).toEqual([]);
  });
});

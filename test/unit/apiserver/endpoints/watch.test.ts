import { configMaps } from '../../../../api/core/v1/configmap';
import { newResourceExpired } from '../../../../api/meta/status-error';
import { createResourceTable } from '../../../../apiserver/endpoints/served-resource';
import { pumpWatch, type WatchSink } from '../../../../apiserver/endpoints/watch';
import { createFramer, frameOf } from '../../../../apiserver/endpoints/watch-frames';
import type { CachedObject, StorageWatchEvent } from '../../../../apiserver/storage/storage';

const resource = createResourceTable([configMaps]).find('', 'v1', 'configmaps')!;

function entryOf(name: string, revision = 7): CachedObject {
  const object: any = {
    kind: 'ConfigMap',
    apiVersion: 'v1',
    metadata: { name, uid: 'u', resourceVersion: String(revision), creationTimestamp: '2020-01-01T00:00:00Z' },
  };
  return { key: name, revision, object, bytes: () => Buffer.from(JSON.stringify(object)) };
}

describe('watch frames', () => {
  it('are made once for all watchers of an event', () => {
    const entry = entryOf('a');
    const frame = frameOf('ADDED', entry, 'v1');
    expect(frame.toString()).toBe(`{"type":"ADDED","object":${JSON.stringify(entry.object)}}\n`);
    expect(frameOf('ADDED', entry, 'v1')).toBe(frame);
    expect(frameOf('MODIFIED', entry, 'v1')).not.toBe(frame);
  });

  it('carry bookmarks and errors', () => {
    const framer = createFramer(resource, { format: 'json', version: 'v1' }, 'Metadata');
    expect(JSON.parse(framer({ type: 'BOOKMARK', revision: 9, initialEventsEnd: true }).toString())).toEqual({
      type: 'BOOKMARK',
      object: {
        kind: 'ConfigMap',
        apiVersion: 'v1',
        metadata: {
          resourceVersion: '9',
          annotations: { 'k8s.io/initial-events-end': 'true' },
          creationTimestamp: null,
        },
      },
    });
    const error = newResourceExpired('too old resource version: 1 (5)');
    expect(JSON.parse(framer({ type: 'ERROR', error }).toString())).toMatchObject({
      type: 'ERROR',
      object: { kind: 'Status', code: 410, reason: 'Expired' },
    });
  });

  it('send the columns of a table only once', () => {
    const framer = createFramer(resource, { format: 'json', version: 'v1', as: 'Table' }, 'Metadata');
    const frames = ['a', 'b'].map((name) => JSON.parse(framer({ type: 'ADDED', entry: entryOf(name) }).toString()));
    expect(frames[0].object.columnDefinitions).not.toBeNull();
    expect(frames[1].object.columnDefinitions).toBeNull();
    expect(frames[1].object.rows[0].cells[0]).toBe('b');
  });
});

describe('pumpWatch', () => {
  function setUp(room = true) {
    let deliver: (events: StorageWatchEvent[]) => boolean = () => true;
    let drain = (): void => undefined;
    const calls: string[] = [];
    const watcher = {
      start: (sink: typeof deliver) => void (deliver = sink),
      resume: () => void calls.push('resume'),
      stop: () => void calls.push('stop'),
    };
    const sink: WatchSink = {
      write: (lines) => (calls.push(`write ${lines.length}`), room),
      onDrain: (callback) => void (drain = callback),
      end: () => void calls.push('end'),
    };
    let stop = (): void => undefined;
    const framer = createFramer(resource, { format: 'json', version: 'v1' }, 'Metadata');
    const done = pumpWatch({ watcher, framer, timeoutMs: 60_000 }, sink, {
      onCancel: (callback) => ((stop = callback), () => undefined),
    });
    return {
      calls,
      done,
      stop: () => stop(),
      drain: () => drain(),
      deliver: (events: StorageWatchEvent[]) => deliver(events),
    };
  }
  const added = (name: string): StorageWatchEvent => ({ type: 'ADDED', entry: entryOf(name) });

  it('writes the events of a tick together', async () => {
    const { calls, stop, done, deliver } = setUp();
    expect(deliver([added('a'), added('b')])).toBe(true);
    stop();
    await done;
    expect(calls).toEqual(['write 2', 'stop', 'end']);
  });

  it('passes back-pressure on, and the end of it', async () => {
    const { calls, stop, done, deliver, drain } = setUp(false);
    expect(deliver([added('a')])).toBe(false);
    drain();
    stop();
    await done;
    expect(calls).toEqual(['write 1', 'resume', 'stop', 'end']);
  });

  it('ends after an error event', async () => {
    const { calls, done, deliver } = setUp();
    deliver([{ type: 'ERROR', error: newResourceExpired('too old') }]);
    await done;
    expect(calls).toEqual(['write 1', 'stop', 'end']);
  });
});

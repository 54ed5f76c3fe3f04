import { type ConfigMap, configMaps } from '../../../../api/core/v1/configmap';
import { createCodec } from '../../../../apiserver/storage/cached-object';
import { defaultWindowLimits } from '../../../../apiserver/storage/event-window';
import { resourcePrefix } from '../../../../apiserver/storage/keys';
import { compileSelection } from '../../../../apiserver/storage/selection';
import { type PendingWrite, ResourceCache } from '../../../../apiserver/storage/resource-cache';

const prefix = resourcePrefix(configMaps);
const codec = createCodec(configMaps, { freeze: true });
const key = 'default/a';

function makeCache(watcherFailed = (_error: unknown): void => undefined) {
  let appliedRevision = 10;
  const cache = new ResourceCache<ConfigMap>({
    definition: configMaps,
    codec,
    prefix,
    windowLimits: defaultWindowLimits,
    maxLagEvents: 100,
    appliedRevision: () => appliedRevision,
    now: () => 0,
    watcherFailed,
  });
  cache.fill([], 10);
  const event = (revision: number, value: Buffer): void => {
    cache.apply({ type: 'put', key: prefix + key, value, revision });
    appliedRevision = revision;
  };
  return { cache, event };
}

it('is not filled with what it cannot decode, and does not keep what the next reading holds', () => {
  const { cache, event } = makeCache();
  cache.reset();
  event(11, Buffer.from('{"sealed'));
  expect(() => cache.fill([], 10)).toThrow(SyntaxError);
  expect(cache.filled).toBe(false);
  event(12, Buffer.from('{"sealed'));
  cache.beginFill();
  event(14, pendingWrite({ a: '1' }).value);
  cache.fill([], 13);
  expect(cache.get(key)!.object.data).toEqual({ a: '1' });
});

it('ends the watch of a receiver that throws, and delivers to all others', () => {
  const failures: unknown[] = [];
  const { cache, event } = makeCache((error) => failures.push(error));
  const heard: Record<string, string[]> = { bad: [], good: [] };
  const watch = (name: string, receive: () => void): void => {
    const watcher = cache.addWatcher({
      selection: compileSelection(configMaps, { namespace: '' }),
      initial: [],
      announceInitialEnd: false,
      position: cache.window.end,
      afterRevision: cache.revision,
    });
    watcher.start((events) => {
      heard[name]!.push(...events.map(({ type }) => type));
      if (events.some(({ type }) => type !== 'ERROR')) receive();
      return true;
    });
  };
  const broken = new TypeError('broken');
  watch('bad', () => {
    throw broken;
  });
  watch('good', () => undefined);
  event(11, pendingWrite({ a: '1' }).value);
  cache.flush();
  event(12, pendingWrite({ a: '2' }).value);
  cache.flush();
  expect(heard).toEqual({ bad: ['ADDED', 'ERROR'], good: ['ADDED', 'MODIFIED'] });
  expect(failures).toEqual([broken]);
  expect(cache.watcherCount).toBe(1);
});

function pendingWrite(data: Record<string, string>): PendingWrite<ConfigMap> {
  const object: ConfigMap = { metadata: { name: 'a', namespace: 'default' }, data };
  const text = codec.encode(object);
  return { key, object, text, value: text };
}

describe('a write of our own', () => {
  it('is taken over as it is when its event comes before the answer', () => {
    const { cache, event } = makeCache();
    const write = pendingWrite({ a: '1' });
    cache.beginWrite(write);
    event(11, Buffer.from(write.value));
    expect(cache.get(key)!.object).toBe(write.object);
    expect(cache.noteWritten(write, 11)).toBe(cache.get(key));
  });

  it('is taken over as it is when its event comes after the answer', () => {
    const { cache, event } = makeCache();
    const write = pendingWrite({ a: '1' });
    cache.beginWrite(write);
    const entry = cache.noteWritten(write, 11);
    cache.endWrite(write);
    event(11, Buffer.from(write.value));
    expect(cache.get(key)).toBe(entry);
  });

  it('is not mistaken for what another server wrote', () => {
    const { cache, event } = makeCache();
    const write = pendingWrite({ a: '1' });
    cache.beginWrite(write);
    event(11, pendingWrite({ a: '2' }).value);
    cache.endWrite(write);
    expect(cache.get(key)!.object).toMatchObject({ metadata: { resourceVersion: '11' }, data: { a: '2' } });
    expect(write.object.metadata!.resourceVersion).toBeUndefined();
  });

  it.each(['before', 'after'])(
    'is not mistaken for one with the very bytes whose event comes %s its answer',
    (when) => {
      const { cache, event } = makeCache();
      const write = pendingWrite({ a: '1' });
      cache.beginWrite(write);
      if (when === 'before') event(11, Buffer.from(write.value));
      const entry = cache.noteWritten(write, 12);
      if (when === 'after') event(11, Buffer.from(write.value));
      expect(cache.get(key)!.object.metadata.resourceVersion).toBe('11');
      expect(entry.object.metadata.resourceVersion).toBe('12');
      cache.endWrite(write);
      event(12, Buffer.from(write.value));
      expect(cache.get(key)).toBe(entry);
    },
  );

  it('keeps no entry once it has failed', () => {
    const { cache, event } = makeCache();
    const write = pendingWrite({ a: '1' });
    cache.beginWrite(write);
    cache.endWrite(write);
    event(11, write.value);
    expect(cache.get(key)!.object).not.toBe(write.object);
  });
});

import { pods } from '../../../api/core/v1/pod';
import { selectorFromMap } from '../../../api/meta/selectors';
import { newResourceExpired, newServiceUnavailable } from '../../../api/meta/status-error';
import { CachedInformer } from '../../../client/informer';
import { createLogger } from '../../../component-base/logger';
import { createFakeClock, settle } from '../../support/fake-clock';
import { createScriptedClient } from '../../support/scripted-client';

const log = createLogger('test');
log.level = 'silent';

const pod = (name: string, resourceVersion: string, more: { uid?: string; labels?: Record<string, string> } = {}) => ({
  metadata: {
    name,
    namespace: 'default',
    uid: more.uid ?? `uid-${name}`,
    resourceVersion,
    creationTimestamp: '2026-01-01T00:00:00Z',
    ...(more.labels && { labels: more.labels }),
  },
});
const list = (resourceVersion: string, ...items: object[]) => ({ metadata: { resourceVersion }, items });

function start() {
  const clock = createFakeClock();
  const script = createScriptedClient();
  const informer = new CachedInformer({ client: script.client, definition: pods, clock, log, freeze: true });
  const seen: string[] = [];
  informer.addEventHandler({
    add: (o) => seen.push(`add ${o.metadata.name}@${o.metadata.resourceVersion}`),
    update: (o, old) =>
      seen.push(`update ${o.metadata.name}@${old.metadata.resourceVersion}>${o.metadata.resourceVersion}`),
    delete: (o) => seen.push(`delete ${o.metadata.name}@${o.metadata.resourceVersion}`),
  });
  const stop = new AbortController();
  return { clock, script, informer, seen, stop, run: () => informer.run(stop.signal) };
}

describe('informer', () => {
  it('lists from the cache of the server, then watches from there with bookmarks', async () => {
    const { script, informer, seen, run, stop } = start();
    script.onList = () => list('5', pod('a', '3'));
    expect(informer.hasSynced()).toBe(false);
    run();
    await informer.waitForSync();
    await settle();
    expect(script.lists).toMatchObject([{ resourceVersion: '0', limit: 500 }]);
    expect(script.watches[0]?.options).toMatchObject({ resourceVersion: '5', allowWatchBookmarks: true });
    script.watches[0]?.send('ADDED', pod('b', '6'));
    script.watches[0]?.send('MODIFIED', pod('a', '7'));
    script.watches[0]?.send('DELETED', pod('b', '8'));
    await settle();
    expect(seen).toEqual(['add a@3', 'add b@6', 'update a@3>7', 'delete b@8']);
    stop.abort();
  });

  it('resumes after a cut from the last event or bookmark, at once and without a list', async () => {
    const { script, run, stop } = start();
    run();
    await settle();
    script.watches[0]?.send('BOOKMARK', pod('', '42'));
    await settle();
    script.watches[0]?.end(Object.assign(new Error('cut'), { code: 'ECONNRESET' }));
    await settle();
    expect(script.watches[1]?.options.resourceVersion).toBe('42');
    expect(script.lists).toHaveLength(1);
    stop.abort();
  });

  it('notices a restarted server soon, however long it was away', async () => {
    const { clock, script, run, stop } = start();
    run();
    await settle();
    script.watchError = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    script.watches[0]?.end();
    await clock.advance(60_000);
    script.watchError = undefined;
    await clock.advance(400);
    expect(script.watches).toHaveLength(2);
    stop.abort();
  });

  it('says once that the server refuses, and not while it may just be starting', async () => {
    const { clock, script, run, stop } = start();
    const said = jest.spyOn(log, 'warn');
    script.onList = () => Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    run();
    await clock.advance(2000);
    expect(said).not.toHaveBeenCalled();
    await clock.advance(60_000);
    expect(said.mock.calls).toMatchObject([[{ resource: 'pods' }, 'Cannot list and watch']]);
    said.mockRestore();
    stop.abort();
  });

  it('backs off from other failures, up to half a minute', async () => {
    const { clock, script, run, stop } = start();
    let tries = 0;
    script.onList = () => {
      tries += 1;
      return newServiceUnavailable('no');
    };
    run();
    await settle();
    expect(tries).toBe(2);
    await clock.advance(120_000);
    expect(tries).toBeGreaterThan(5);
    expect(tries).toBeLessThan(12);
    stop.abort();
  });

  it('lists again from the newest state when its version expired, and tells only what changed', async () => {
    const { clock, script, informer, seen, run, stop } = start();
    script.onList = () => list('5', pod('same', '1'), pod('changed', '2'), pod('gone', '3'), pod('reborn', '4'));
    run();
    await settle();
    seen.length = 0;
    script.onList = () =>
      list('90', pod('same', '1'), pod('changed', '80'), pod('reborn', '81', { uid: 'other' }), pod('new', '82'));
    script.watches[0]?.end(newResourceExpired('too old resource version'));
    await settle();
    expect(script.lists.at(-1)?.resourceVersion).toBeUndefined();
    expect(script.watches.at(-1)?.options.resourceVersion).toBe('90');
    expect(seen.sort()).toEqual([
      'add new@82',
      'add reborn@81',
      'delete gone@3',
      'delete reborn@4',
      'update changed@2>80',
    ]);
    expect(
      informer.lister
        .list()
        .map(({ metadata }) => metadata.name)
        .sort(),
    ).toEqual(['changed', 'new', 'reborn', 'same']);
    expect(clock.pending).toBe(1);
    stop.abort();
  });

  it('follows pages, and starts over without pages when their token expired', async () => {
    const { script, informer, run, stop } = start();
    script.onList = (options) => {
      if (options.continue) return newResourceExpired('token');
      if (options.limit) return { metadata: { resourceVersion: '5', continue: 'next' }, items: [pod('a', '1')] };
      return list('9', pod('a', '1'), pod('b', '2'));
    };
    run();
    await informer.waitForSync();
    expect(informer.lister.list()).toHaveLength(2);
    await settle();
    expect(script.watches[0]?.options.resourceVersion).toBe('9');
    stop.abort();
  });

  it('does not spin when the server closes every watch at once', async () => {
    const { clock, script, run, stop } = start();
    run();
    await settle();
    for (let i = 0; i < 50; i++) {
      script.watches.at(-1)?.end();
      await settle();
    }
    expect(script.watches.length).toBeLessThan(5);
    await clock.advance(5000);
    expect(script.lists).toHaveLength(1);
    stop.abort();
  });

  it("keeps going after a handler's exception, and files objects under indexes", async () => {
    const { script, informer, seen, run, stop } = start();
    const late: string[] = [];
    informer.addEventHandler({
      add: () => {
        throw new Error('bad handler');
      },
    });
    informer.addIndex('app', (object) => [object.metadata?.labels?.['app'] ?? '']);
    script.onList = () =>
      list('5', pod('a', '1', { labels: { app: 'web' } }), pod('b', '2', { labels: { app: 'db' } }));
    run();
    await informer.waitForSync();
    informer.addEventHandler({ add: ({ metadata }) => late.push(metadata.name) });
    expect(seen).toHaveLength(2);
    expect(late).toEqual(['a', 'b']);
    const names = (objects: { metadata: { name: string } }[]) => objects.map(({ metadata }) => metadata.name);
    expect(names(informer.lister.byIndex('app', 'web'))).toEqual(['a']);
    expect(names(informer.lister.list({ namespace: 'default', selector: selectorFromMap({ app: 'db' }) }))).toEqual([
      'b',
    ]);
    await settle();
    script.watches[0]?.send('MODIFIED', pod('a', '6', { labels: { app: 'db' } }));
    await settle();
    expect(informer.lister.byIndex('app', 'web')).toEqual([]);
    expect(names(informer.lister.byIndex('app', 'db')).sort()).toEqual(['a', 'b']);
    expect(() => informer.lister.byIndex('none', '')).toThrow('no index "none"');
    expect(Object.isFrozen(informer.lister.get('default/a')?.metadata.labels)).toBe(true);
    stop.abort();
  });
});

import { configMaps } from '../../../../api/core/v1/configmap';
import { createView } from '../../../../apiserver/registry/view';
import type { StorageWatchEvent } from '../../../../apiserver/storage/storage';
import { createTestLoopback } from '../../../support/loopback';
import { settle } from '../../../support/fake-clock';

const map = (name: string, version: string, labels = {}) => ({
  key: `a/${name}`,
  revision: Number(version),
  object: { metadata: { namespace: 'a', name, uid: name, resourceVersion: version, creationTimestamp: '', labels } },
  bytes: () => Buffer.alloc(0),
});

function setUp(items: ReturnType<typeof map>[]) {
  const loopback = createTestLoopback();
  let sink: (events: StorageWatchEvent<any>[]) => boolean = () => true;
  const lists = [items];
  const stores = {
    of: () => ({
      list: async () => ({ items: lists.at(-1), revision: 1 }),
      watch: async () => ({
        start: (given: typeof sink) => (sink = given),
        resume: () => undefined,
        stop: () => undefined,
      }),
    }),
  } as never;
  const view = createView(configMaps);
  const seen: string[] = [];
  view.addHandler({
    add: ({ metadata }) => seen.push(`add ${metadata.name}`),
    update: ({ metadata }) => seen.push(`update ${metadata.name}`),
    delete: ({ metadata }) => seen.push(`delete ${metadata.name}`),
  });
  view.addIndex('color', ({ metadata }) => (metadata?.labels?.color ? [metadata.labels.color] : []));
  view.start({
    ...loopback,
    clock: loopback.clock,
    log: loopback.log,
    context: loopback.context,
    signal: loopback.signal,
    stores,
  });
  return { view, seen, lists, send: (...events: StorageWatchEvent<any>[]) => sink(events) };
}

describe('view', () => {
  it('lists, follows and indexes', async () => {
    const { view, seen, send } = setUp([map('one', '1', { color: 'red' })]);
    await view.waitForSync();
    await settle();
    send({ type: 'ADDED', entry: map('two', '2', { color: 'red' }) as never });
    send({ type: 'MODIFIED', entry: map('one', '3', { color: 'blue' }) as never }, { type: 'BOOKMARK', revision: 9 });
    expect(view.byIndex('color', 'red').map(({ metadata }) => metadata.name)).toEqual(['two']);
    expect(view.byIndex('color', 'blue').map(({ metadata }) => metadata.name)).toEqual(['one']);
    send({ type: 'DELETED', entry: map('two', '4') as never });
    expect(view.list('a').map(({ metadata }) => metadata.name)).toEqual(['one']);
    expect(view.byIndex('color', 'red')).toEqual([]);
    expect(seen).toEqual(['add one', 'add two', 'update one', 'delete two']);
  });

  it('lists again after a broken watch and tells only the differences', async () => {
    const { view, seen, send, lists } = setUp([map('one', '1'), map('two', '2')]);
    await view.waitForSync();
    await settle();
    lists.push([map('one', '1'), map('three', '5')]);
    send({ type: 'ERROR', error: new Error('too old') });
    await settle();
    expect(seen).toEqual(['add one', 'add two', 'add three', 'delete two']);
  });
});

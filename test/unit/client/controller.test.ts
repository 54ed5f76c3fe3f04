import { pods } from '../../../api/core/v1/pod';
import { newConflict } from '../../../api/meta/status-error';
import {
  type ControllerDeps,
  defineController,
  enqueueOwner,
  enqueueSelf,
  type Reconciler,
  runController,
  watch,
} from '../../../client/controller';
import { createInformerFactory } from '../../../client/informer-factory';
import { createLogger } from '../../../component-base/logger';
import { createFakeClock, settle } from '../../support/fake-clock';
import { createScriptedClient } from '../../support/scripted-client';

const log = createLogger('test');
log.level = 'silent';

const pod = (name: string, owner?: string) => ({
  metadata: {
    name,
    namespace: 'ns',
    uid: name,
    resourceVersion: name,
    creationTimestamp: '',
    ...(owner && {
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: owner, uid: 'u', controller: true }],
    }),
  },
});

function start(reconcile: Reconciler['reconcile'], items: object[] = [pod('a')]) {
  const clock = createFakeClock();
  const script = createScriptedClient();
  script.onList = () => ({ metadata: { resourceVersion: '5' }, items });
  const { client } = script;
  const informers = createInformerFactory({ client, clock, log, freeze: true });
  const deps: ControllerDeps = { client, informers, clock, log, recorder: { event: () => {} } };
  const stop = new AbortController();
  const definition = defineController({
    name: 'test-controller',
    workers: 2,
    watches: [watch(pods, enqueueSelf)],
    permissions: [],
    create: () => ({ reconcile }),
  });
  return { clock, script, stop, ended: runController(definition, deps, stop.signal) };
}

describe('runController', () => {
  it('reconciles every object once its cache is complete, and again when it changes', async () => {
    const keys: string[] = [];
    const { script, stop, ended } = start(async (key) => void keys.push(key), [pod('a'), pod('b')]);
    await settle();
    expect(keys).toEqual(['ns/a', 'ns/b']);
    script.watches[0]?.send('DELETED', pod('a'));
    await settle();
    expect(keys).toEqual(['ns/a', 'ns/b', 'ns/a']);
    stop.abort();
    await ended;
  });

  it('tries a failed key again with growing delays, and looks again when asked to', async () => {
    const times: number[] = [];
    const { clock, stop, ended } = start(async () => {
      times.push(clock.now() - started);
      if (times.length === 1) throw new Error('boom');
      if (times.length === 2) throw newConflict({ group: '', resource: 'pods' }, 'a', 'stale');
      return times.length === 3 ? { requeueAfterMs: 1000 } : undefined;
    });
    const started = clock.now();
    await clock.advance(5000);
    expect(times).toEqual([0, 5, 15, 1015]);
    stop.abort();
    await ended;
  });

  it('lets the work under way end before it resolves', async () => {
    let release = (): void => {};
    const { stop, ended } = start(() => new Promise((resolve) => (release = resolve)));
    await settle();
    stop.abort();
    let over = false;
    void ended.then(() => (over = true));
    await settle();
    expect(over).toBe(false);
    release();
    await ended;
  });
});

describe('enqueueOwner', () => {
  it('gives the controller of the kind, before and after a change', () => {
    const enqueue = enqueueOwner('ReplicaSet');
    expect(enqueue(pod('a', 'rs'))).toEqual(['ns/rs']);
    expect(enqueue(pod('a', 'new'), pod('a', 'old'))).toEqual(['ns/old', 'ns/new']);
    expect(enqueue(pod('a', 'same'), pod('a', 'same'))).toEqual(['ns/same']);
    expect(enqueueOwner('Job')(pod('a', 'rs'))).toEqual([]);
    expect(enqueueOwner('ReplicaSet', 'Cluster')(pod('a', 'rs'))).toEqual(['rs']);
  });
});

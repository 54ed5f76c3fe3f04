import { systemClock } from '../../../component-base/clock';
import { createLogger } from '../../../component-base/logger';
import { invalid } from '../../../api/meta/field-error';
import { parseSelector } from '../../../api/meta/selectors';
import { defineResource } from '../../../api/meta/resource-definition';
import type { KubeObject } from '../../../api/meta/types';
import type { AdmissionAttributes } from '../../../apiserver/admission/admission';
import { createStores, type Store, type StoreHooks } from '../../../apiserver/registry/store';
import type { RequestContext } from '../../../apiserver/request-context';
import type { StorageBackend } from '../../../apiserver/storage/backend';
import { startEtcd, type TestEtcd } from '../../support/etcd';
import { createTestBackend, eventually, EventLog } from '../storage/widgets';

interface Task extends KubeObject {
  spec?: { count?: number; seconds?: number; hold?: boolean };
  status?: { phase?: string };
  data?: Record<string, string>;
}

const tasks = defineResource<Task>({
  group: 'test.kubelab.io',
  version: 'v1',
  kind: 'Task',
  names: { plural: 'tasks', singular: 'task' },
  scope: 'Namespaced',
  defaults: (task) => void ((task.spec ??= {}).count ??= 1),
  validate: ({ spec }) =>
    (spec?.count ?? 0) < 0 ? [invalid('spec.count', spec?.count, 'must be greater than or equal to 0')] : [],
  subresources: { status: {} },
});

/** Like pods: with grace. */
const graceful = defineResource<Task>({
  ...tasks,
  kind: 'GracefulTask',
  names: { plural: 'gracefultasks', singular: 'gracefultask' },
  schema: undefined,
  gracePeriodSeconds: ({ spec }, requested) => requested ?? spec?.seconds ?? 30,
});

/** Like ConfigMaps and Leases: no status, created by PUT. */
const notes = defineResource<Task>({
  group: '',
  version: 'v1',
  kind: 'Note',
  names: { plural: 'notes', singular: 'note' },
  scope: 'Cluster',
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: false,
});

const silent = createLogger('test');
silent.level = 'silent';

const contextWith = (fields: Partial<RequestContext> = {}): RequestContext => ({
  user: { name: 'tester', groups: [] },
  info: {} as RequestContext['info'],
  userAgent: 'test',
  dryRun: false,
  signal: new AbortController().signal,
  warn: () => undefined,
  log: silent,
  ...fields,
});

let etcd: TestEtcd;
let backend: StorageBackend;
let store: Store<Task>;
let gracefulStore: Store<Task>;
let noteStore: Store<Task>;
let admitted: string[] = [];
let refuse: ((attributes: AdmissionAttributes) => void) | undefined;
const hookCalls: string[] = [];
const context = contextWith();
let namespaces = 0;
let ns: string;

beforeAll(async () => {
  etcd = await startEtcd();
  backend = createTestBackend(etcd.endpoints);
  const hooks: StoreHooks<Task> = {
    beginCreate: (_context, { metadata }) => {
      hookCalls.push(`begin ${metadata!.name}`);
      return Promise.resolve(() => void hookCalls.push(`release ${metadata!.name}`));
    },
    waitsForFinalization: ({ spec }) => spec?.hold === true,
    beforeDelete: (_context, object) => void (object.status = { phase: 'Terminating' }),
    afterDelete: ({ metadata }) => void hookCalls.push(`deleted ${metadata.name}`),
  };
  const stores = createStores({
    storageFor: (definition) => backend.storageFor(definition),
    clock: systemClock,
    hooks: { tasks: hooks },
    admission: {
      admit: ({ operation, name }) => Promise.resolve(void admitted.push(`admit ${operation} ${name}`)),
      validate: (attributes) => {
        admitted.push(`validate ${attributes.operation} ${attributes.name}`);
        refuse?.(attributes);
        return Promise.resolve();
      },
    },
  });
  store = stores.of(tasks);
  gracefulStore = stores.of(graceful);
  noteStore = stores.of(notes);
});

afterAll(async () => {
  backend.close();
  await etcd.stop();
});

beforeEach(() => {
  ns = `ns${++namespaces}`;
  admitted = [];
  hookCalls.length = 0;
  refuse = undefined;
});

const create = (metadata: KubeObject['metadata'], rest: Partial<Task> = {}) =>
  store.create(context, ns, { metadata, ...rest });
const current = async (name: string) => (await store.get(context, ns, name)).object;

describe('create', () => {
  it('sets what the server decides and clears what clients may not set', async () => {
    const { object } = await create(
      { name: 'a', uid: 'mine', creationTimestamp: 'x', deletionTimestamp: 'x', deletionGracePeriodSeconds: 3 },
      { status: { phase: 'Done' } },
    );
    expect(object).toMatchObject({ apiVersion: 'test.kubelab.io/v1', kind: 'Task', spec: { count: 1 } });
    expect(object.status).toEqual({});
    expect(object.metadata).toEqual({
      name: 'a',
      namespace: ns,
      managedFields: [expect.objectContaining({ manager: 'test', operation: 'Update' })],
      uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
      creationTimestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      generation: 1,
      resourceVersion: expect.stringMatching(/^\d+$/),
    });
    expect(admitted).toEqual(['admit CREATE a', 'validate CREATE a']);
  });

  it('generates names', async () => {
    const { object } = await create({ generateName: 'web-' });
    expect(object.metadata.name).toMatch(/^web-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  });

  it('refuses another namespace, missing names and invalid objects', async () => {
    await expect(create({ name: 'a', namespace: 'other' })).rejects.toMatchObject({
      message: 'the namespace of the provided object does not match the namespace sent on the request',
      status: { code: 400 },
    });
    await expect(create({})).rejects.toMatchObject({
      message: 'Task.test.kubelab.io "" is invalid: metadata.name: Required value: name or generateName is required',
    });
    await expect(create({ name: 'a' }, { spec: { count: -1 } })).rejects.toMatchObject({
      message: 'Task.test.kubelab.io "a" is invalid: spec.count: Invalid value: -1: must be greater than or equal to 0',
      status: { code: 422 },
    });
  });

  it('gives back what its hooks took when the write fails', async () => {
    await create({ name: 'a' });
    await expect(create({ name: 'a' })).rejects.toThrow('tasks.test.kubelab.io "a" already exists');
    expect(hookCalls).toEqual(['begin a', 'begin a', 'release a']);
  });

  it('says that the name is taken by an object being deleted', async () => {
    await create({ name: 'a', finalizers: ['test.io/x'] });
    await store.delete(context, ns, 'a', {});
    await expect(create({ name: 'a' })).rejects.toThrow(
      'object is being deleted: tasks.test.kubelab.io "a" already exists',
    );
  });

  it('writes nothing in a dry run', async () => {
    const { object } = await store.create(contextWith({ dryRun: true }), ns, { metadata: { name: 'a' } });
    expect(object.metadata.uid).toBeDefined();
    await expect(current('a')).rejects.toThrow('not found');
  });
});

describe('update', () => {
  it('counts a generation when the spec changes, and only then', async () => {
    await create({ name: 'a' });
    await store.update(context, ns, 'a', (a) => ({ ...a!, spec: { count: 2 } }));
    expect((await current('a')).metadata.generation).toBe(2);
    await store.update(context, ns, 'a', (a) => ({ ...a!, metadata: { ...a!.metadata, labels: { x: 'y' } } }));
    expect((await current('a')).metadata.generation).toBe(2);
  });

  it('keeps status from the main path and all else from the status path', async () => {
    await create({ name: 'a' });
    const change = (a: Task | undefined): Task => ({ ...a!, spec: { count: 9 }, status: { phase: 'Done' } });
    await store.update(context, ns, 'a', change, { subresource: 'status' });
    expect(await current('a')).toMatchObject({ spec: { count: 1 }, status: { phase: 'Done' } });
    await store.update(context, ns, 'a', (a) => ({ ...a!, spec: { count: 9 }, status: { phase: 'Other' } }));
    expect(await current('a')).toMatchObject({ spec: { count: 9 }, status: { phase: 'Done' } });
  });

  it('writes nothing when nothing changes', async () => {
    const { revision } = await create({ name: 'a' });
    const { entry } = await store.update(context, ns, 'a', (a) => a!);
    expect(entry.revision).toBe(revision);
  });

  it('refuses a stale resourceVersion and another uid', async () => {
    const { object } = await create({ name: 'a' });
    await store.update(context, ns, 'a', (a) => ({ ...a!, spec: { count: 2 } }));
    await expect(store.update(context, ns, 'a', () => ({ ...object, spec: { count: 3 } }))).rejects.toMatchObject({
      message:
        'Operation cannot be fulfilled on tasks.test.kubelab.io "a": the object has been modified; please apply your ' +
        'changes to the latest version and try again',
      status: { code: 409, reason: 'Conflict' },
    });
    await expect(store.update(context, ns, 'a', () => ({ metadata: { name: 'a', uid: 'other' } }))).rejects.toThrow(
      'Precondition failed: UID in precondition: other',
    );
  });

  it('without a resourceVersion wins over concurrent writers, with the same object each time', async () => {
    await create({ name: 'a' });
    const desired: Task = { metadata: { name: 'a' }, spec: { count: 5 } };
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        store.update(context, ns, 'a', index % 2 ? () => desired : (a) => ({ ...a!, spec: { count: index } })),
      ),
    );
    expect(desired).toEqual({ metadata: { name: 'a' }, spec: { count: 5 } });
  });

  it('refuses changes of immutable metadata', async () => {
    await create({ name: 'a' });
    await expect(
      store.update(context, ns, 'a', (a) => ({ ...a!, metadata: { ...a!.metadata, name: 'b' } })),
    ).rejects.toThrow('metadata.name: Invalid value: "b": field is immutable');
  });

  it('creates where the kind allows it', async () => {
    const update = await noteStore.update(context, '', `n-${ns}`, () => ({ metadata: { name: `n-${ns}` } }));
    expect(update.created).toBe(true);
    await expect(store.update(context, ns, 'a', () => ({ metadata: { name: 'a' } }))).rejects.toThrow('not found');
    await expect(
      noteStore.update(context, '', `n-${ns}`, () => ({ metadata: { name: `n-${ns}` }, data: { x: 'y' } })),
    ).rejects.toThrow('metadata.resourceVersion: Invalid value: 0: must be specified for an update');
  });
});

describe('delete', () => {
  it('removes at once what nothing holds', async () => {
    await create({ name: 'a' });
    const { deleted, entry } = await store.delete(context, ns, 'a', {});
    expect(deleted).toBe(true);
    expect(entry.object.metadata.name).toBe('a');
    await expect(current('a')).rejects.toThrow('tasks.test.kubelab.io "a" not found');
    await expect(store.delete(context, ns, 'a', {})).rejects.toThrow('not found');
    expect(hookCalls).toContain('deleted a');
  });

  it('waits for finalizers, and ends with the update that takes the last', async () => {
    await create({ name: 'a', finalizers: ['test.io/x', 'test.io/y'] });
    const log = new EventLog<Task>(await store.watch(context, { namespace: ns }));
    expect(await store.delete(context, ns, 'a', {})).toMatchObject({ deleted: false });
    const waiting = await current('a');
    expect(waiting.metadata).toMatchObject({ deletionGracePeriodSeconds: 0, generation: 2 });
    expect(waiting.status).toEqual({ phase: 'Terminating' });
    await expect(
      store.update(context, ns, 'a', (a) => ({ ...a!, metadata: { ...a!.metadata, finalizers: ['test.io/z'] } })),
    ).rejects.toThrow('no new finalizers can be added if the object is being deleted');
    const drop = (count: number) =>
      store.update(context, ns, 'a', (a) => ({
        ...a!,
        metadata: { ...a!.metadata, finalizers: a!.metadata.finalizers!.slice(count) },
      }));
    await drop(1);
    expect((await current('a')).metadata.finalizers).toEqual(['test.io/y']);
    await drop(1);
    await expect(current('a')).rejects.toThrow('not found');
    await eventually(() => log.lines.at(-1) === 'DELETED a');
    expect(log.lines).toEqual(['ADDED a', 'MODIFIED a', 'MODIFIED a', 'DELETED a']);
  });

  it('waits for what else the kind is held by', async () => {
    await create({ name: 'a' }, { spec: { hold: true } });
    expect(await store.delete(context, ns, 'a', {})).toMatchObject({ deleted: false });
    await store.update(context, ns, 'a', (a) => ({ ...a!, spec: {} }));
    await expect(current('a')).rejects.toThrow('not found');
  });

  it('leaves the garbage collector its finalizer', async () => {
    for (const [name, request, finalizer] of [
      ['f', { propagationPolicy: 'Foreground' }, 'foregroundDeletion'],
      ['o', { propagationPolicy: 'Orphan' }, 'orphan'],
      ['d', { orphanDependents: true }, 'orphan'],
    ] as const) {
      await create({ name });
      expect(await store.delete(context, ns, name, request)).toMatchObject({ deleted: false });
      expect((await current(name)).metadata.finalizers).toEqual([finalizer]);
    }
    await create({ name: 'b' });
    expect(await store.delete(context, ns, 'b', { propagationPolicy: 'Background' })).toMatchObject({ deleted: true });
  });

  it('refuses failed preconditions and what admission refuses', async () => {
    await create({ name: 'a' });
    await expect(store.delete(context, ns, 'a', { preconditions: { uid: 'x' } })).rejects.toThrow(
      /the UID in the precondition \(x\) does not match the UID in record \(.*\)\. The object might have been deleted/,
    );
    refuse = ({ operation }) => {
      if (operation === 'DELETE') throw new Error('no');
    };
    await expect(store.delete(context, ns, 'a', {})).rejects.toThrow('no');
    expect((await current('a')).metadata.deletionTimestamp).toBeUndefined();
  });

  it('changes nothing in a dry run', async () => {
    await create({ name: 'a', finalizers: ['test.io/x'] });
    await create({ name: 'b' });
    const dry = contextWith({ dryRun: true });
    const { entry } = await store.delete(dry, ns, 'a', {});
    expect(entry.object.metadata.deletionTimestamp).toBeDefined();
    await store.delete(dry, ns, 'b', {});
    expect((await current('a')).metadata.deletionTimestamp).toBeUndefined();
    await current('b');
  });

  it('of a collection deletes what matches', async () => {
    for (let index = 0; index < 30; index++) {
      await create({ name: `a${index}`, labels: { even: String(index % 2 === 0) } });
    }
    const labels = parseSelector('even=true');
    expect(await store.deleteCollection(context, { namespace: ns, labels }, {})).toHaveLength(15);
    expect((await store.list(context, { namespace: ns })).items).toHaveLength(15);
  });
});

describe('graceful deletion', () => {
  const state = async () => (await gracefulStore.get(context, ns, 'a')).object.metadata;

  it('announces its end, can be shortened but not extended, and is carried out with grace 0', async () => {
    await gracefulStore.create(context, ns, { metadata: { name: 'a' }, spec: { seconds: 60 } });
    const log = new EventLog<Task>(await gracefulStore.watch(context, { namespace: ns }));
    const before = Date.now();
    expect(await gracefulStore.delete(context, ns, 'a', {})).toMatchObject({ deleted: false });
    const first = await state();
    expect(first).toMatchObject({ deletionGracePeriodSeconds: 60, generation: 2 });
    expect(Date.parse(first.deletionTimestamp!)).toBeGreaterThanOrEqual(before + 58_000);
    await gracefulStore.delete(context, ns, 'a', { gracePeriodSeconds: 100 });
    await gracefulStore.delete(context, ns, 'a', {});
    expect((await state()).resourceVersion).toBe(first.resourceVersion);
    await gracefulStore.delete(context, ns, 'a', { gracePeriodSeconds: 10 });
    const shorter = await state();
    expect(Date.parse(shorter.deletionTimestamp!)).toBe(Date.parse(first.deletionTimestamp!) - 50_000);
    expect(await gracefulStore.delete(context, ns, 'a', { gracePeriodSeconds: 0 })).toMatchObject({ deleted: true });
    await expect(state()).rejects.toThrow('not found');
    await eventually(() => log.lines.at(-1) === 'DELETED a');
    expect(log.lines).toEqual(['ADDED a', 'MODIFIED a', 'MODIFIED a', 'MODIFIED a', 'DELETED a']);
  });

  it('with finalizers ends when they are gone', async () => {
    await gracefulStore.create(context, ns, { metadata: { name: 'a', finalizers: ['test.io/x'] } });
    expect(await gracefulStore.delete(context, ns, 'a', { gracePeriodSeconds: 0 })).toMatchObject({ deleted: false });
    expect((await state()).deletionGracePeriodSeconds).toBe(0);
    await gracefulStore.update(context, ns, 'a', (a) => ({ ...a!, metadata: { ...a!.metadata, finalizers: [] } }));
    await expect(state()).rejects.toThrow('not found');
  });
});

it('has deleted all that it deletes of a collection when it says that one could not be', async () => {
  const names = Array.from({ length: 40 }, (_, index) => `t-${String(index).padStart(2, '0')}`);
  await Promise.all(names.map((name) => store.create(context, ns, { metadata: { name } })));
  refuse = ({ name }) => {
    if (name === 't-00') throw new Error('not this one');
  };
  await expect(store.deleteCollection(context, { namespace: ns }, {})).rejects.toThrow('not this one');
  const { items } = await store.list(context, { namespace: ns });
  expect(items.map(({ key }) => key)).toEqual([`${ns}/t-00`]);
});

it('deletes no more of a collection for a client that is gone', async () => {
  const names = Array.from({ length: 40 }, (_, index) => `t-${String(index).padStart(2, '0')}`);
  await Promise.all(names.map((name) => store.create(context, ns, { metadata: { name } })));
  const client = new AbortController();
  refuse = ({ name }) => {
    if (name === 't-10') client.abort(new Error('the client is gone'));
  };
  const leaving = contextWith({ signal: client.signal });
  await expect(store.deleteCollection(leaving, { namespace: ns }, {})).rejects.toThrow('the client is gone');
  const { items } = await store.list(context, { namespace: ns });
  expect(items.length).toBeGreaterThan(10);
});

it('keeps what was acquired for a write whose outcome is unknown', async () => {
  const impatient = createTestBackend(etcd.endpoints, { requestTimeoutMs: 300, unavailableRetryMs: 300 });
  const released: string[] = [];
  const freezing: StoreHooks<Task> = {
    beginCreate() {
      etcd.freeze();
      return Promise.resolve(() => void released.push('created'));
    },
    beginUpdate() {
      etcd.freeze();
      return Promise.resolve(() => void released.push('updated'));
    },
  };
  try {
    const unsure = createStores({
      storageFor: (definition) => impatient.storageFor(definition),
      admission: { admit: () => Promise.resolve(), validate: () => Promise.resolve() },
      hooks: { tasks: freezing },
      clock: systemClock,
    }).of(tasks);
    await eventually(() => impatient.unfilled().length === 0);
    const timeout = { status: { code: 504, reason: 'Timeout' } };
    await expect(unsure.create(context, ns, { metadata: { name: 'unsure' } })).rejects.toMatchObject(timeout);
    etcd.thaw();
    const { object } = await store.create(context, ns, { metadata: { name: 'known' } });
    const change = unsure.update(context, ns, 'known', () => ({ ...object, spec: { count: 5 } }));
    await expect(change).rejects.toMatchObject(timeout);
    expect(released).toEqual([]);
  } finally {
    etcd.thaw();
    impatient.close();
  }
});

/** Every kind of patch against plain models, on values made up at random. */
import * as fc from 'fast-check';
import { cloneJson } from '../../../../api/meta/json';
import { applyConfig, recordUpdate, type Write } from '../../../../apiserver/patch/apply/updater';
import type { Versions } from '../../../../apiserver/patch/apply/versions';
import { ApplyConflict } from '../../../../apiserver/patch/apply/conflicts';
import { difference, type FieldSet, intersection, isEmpty, setOf } from '../../../../apiserver/patch/apply/field-set';
import { merge } from '../../../../apiserver/patch/apply/merge';
import { type Ownership } from '../../../../apiserver/patch/apply/managers';
import { toFieldSet } from '../../../../apiserver/patch/apply/to-field-set';
import { applyJsonPatch } from '../../../../apiserver/patch/json-patch';
import { applyMergePatch } from '../../../../apiserver/patch/merge-patch';
import { applyStrategicMergePatch } from '../../../../apiserver/patch/strategic-merge';
import { sampleType } from './apply/sample-type';

const name = fc.constantFrom('a', 'b', 'c', 'd');

describe('JSON patch', () => {
  const json = fc.letrec<{ value: unknown; object: Record<string, unknown> }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom<unknown>(1, 'x', true),
      fc.array(fc.constantFrom(1, 2), { maxLength: 3 }),
      tie('object'),
    ),
    object: fc.dictionary(name, tie('value'), { maxKeys: 4 }),
  })).object;

  it('of the differences makes one document of another', () => {
    /** Removes all, then adds all: the plainest patch there is. */
    const operations = (from: object, to: object): object[] => [
      ...Object.keys(from).map((key) => ({ op: 'remove', path: `/${key}` })),
      ...Object.entries(to).map(([key, value]) => ({ op: 'add', path: `/${key}`, value: value as unknown })),
    ];
    fc.assert(
      fc.property(json, json, (from, to) => {
        const before = JSON.stringify(from);
        expect(applyJsonPatch(from, operations(from, to))).toEqual(to);
        expect(JSON.stringify(from)).toBe(before);
      }),
    );
  });

  it('is all or nothing', () => {
    fc.assert(
      fc.property(json, (document) => {
        const before = JSON.stringify(document);
        const patch = [
          { op: 'add', path: '/z', value: 1 },
          { op: 'test', path: '/z', value: 2 },
        ];
        expect(() => applyJsonPatch(document, patch)).toThrow('the server rejected our request');
        expect(JSON.stringify(document)).toBe(before);
      }),
    );
  });

  it('of merge patches is the model of RFC 7386', () => {
    const model = (target: unknown, patch: unknown): unknown => {
      if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
      const isMap = typeof target === 'object' && target !== null && !Array.isArray(target);
      const merged = new Map<string, unknown>(isMap ? Object.entries(target) : []);
      for (const [key, value] of Object.entries(patch)) {
        if (value === null) merged.delete(key);
        else merged.set(key, model(merged.get(key), value));
      }
      return Object.fromEntries(merged);
    };
    const patches = fc.dictionary(name, fc.oneof(json, fc.constantFrom<unknown>(null, 3, ['y'])), { maxKeys: 4 });
    fc.assert(
      fc.property(json, patches, (document, patch) => {
        const before = JSON.stringify(document);
        const merged = applyMergePatch(document, patch);
        expect(merged).toEqual(model(document, patch));
        expect(applyMergePatch(merged, patch)).toEqual(merged);
        expect(JSON.stringify(document)).toBe(before);
      }),
    );
  });
});

describe('strategic merge patch', () => {
  const schema = 'io.k8s.api.core.v1.PodSpec';
  const container = fc.record(
    { name, image: fc.constantFrom('x:1', 'x:2'), workingDir: fc.constantFrom('/x', '/y') },
    { requiredKeys: ['name'] },
  );
  const containers = fc.uniqueArray(container, { selector: (one) => one.name, maxLength: 4 });
  const spec = fc.record({ containers, nodeName: name, nodeSelector: fc.dictionary(name, name) }, { requiredKeys: [] });
  const byName = (all: { name: string }[] = []): object => Object.fromEntries(all.map((one) => [one.name, one]));

  it('merges containers by their names, and twice is once', () => {
    fc.assert(
      fc.property(spec, spec, (current, patch) => {
        const before = JSON.stringify(current);
        const patched = applyStrategicMergePatch(current, patch, schema);
        const [old, now] = [byName(current.containers), byName(patch.containers)] as Record<string, object>[];
        const expected = Object.fromEntries(
          [...new Set([...Object.keys(old!), ...Object.keys(now!)])].map((key) => [
            key,
            { ...old![key], ...now![key] },
          ]),
        );
        expect(byName(patched.containers)).toEqual(expected);
        expect(patched.nodeSelector ?? {}).toEqual({ ...current.nodeSelector, ...patch.nodeSelector });
        expect(applyStrategicMergePatch(patched, patch, schema)).toEqual(patched);
        expect(JSON.stringify(current)).toBe(before);
      }),
    );
  });

  it('deletes what it names', () => {
    fc.assert(
      fc.property(spec, name, (current, gone) => {
        const patch = { containers: [{ name: gone, $patch: 'delete' }] };
        const patched = applyStrategicMergePatch(current, patch, schema);
        expect(patched.containers?.some((one) => one.name === gone) ?? false).toBe(false);
        expect(patched.containers?.length ?? 0).toBe(
          current.containers?.filter((one) => one.name !== gone).length ?? 0,
        );
      }),
    );
  });
});

describe('server-side apply', () => {
  const versions: Versions = { typeOf: () => sampleType, convert: (object) => object };
  const write = (manager: string, operation: 'Apply' | 'Update'): Write => ({
    by: { manager, operation, apiVersion: 'v1', subresource: '' },
    time: '2026-01-01T00:00:00Z',
    ownable: (fields) => fields,
  });

  interface Item {
    name: string;
    protocol?: string;
    value?: number;
    tags?: string[];
  }
  const unique = (values: fc.Arbitrary<string>): fc.Arbitrary<string[]> =>
    fc.uniqueArray(values, { minLength: 1, maxLength: 3 });
  const item: fc.Arbitrary<Item> = fc.record(
    { name, protocol: fc.constantFrom('TCP', 'UDP'), value: fc.nat(3), tags: unique(name) },
    { requiredKeys: ['name'] },
  );
  const config = fc.record(
    {
      text: name,
      number: fc.nat(2),
      labels: fc.dictionary(name, name, { minKeys: 1, maxKeys: 3 }),
      selector: fc.dictionary(name, name, { minKeys: 1, maxKeys: 2 }),
      struct: fc.record({ a: name, b: name }, { requiredKeys: ['a'] }),
      items: fc.uniqueArray(item, {
        selector: (one) => `${one.name} ${one.protocol ?? 'TCP'}`,
        minLength: 1,
        maxLength: 4,
      }),
      set: unique(name),
      atomic: fc.array(name, { minLength: 1, maxLength: 3 }),
      any: fc.dictionary(name, fc.oneof(name, fc.dictionary(name, name, { minKeys: 1 })), { minKeys: 1, maxKeys: 2 }),
    },
    { requiredKeys: [] },
  );

  /** Nothing that `config` makes. */
  const others = fc.constantFrom('p', 'q', 'r');
  const disjoint = fc.record(
    {
      flag: fc.boolean(),
      labels: fc.dictionary(others, name, { minKeys: 1 }),
      items: fc.uniqueArray(fc.record({ name: others, value: fc.nat(3) }), {
        selector: (one) => one.name,
        minLength: 1,
      }),
      set: unique(others),
      any: fc.dictionary(others, name, { minKeys: 1 }),
    },
    { requiredKeys: [] },
  );

  /** An object and its managers, as the server keeps them. */
  class Subject {
    object: object = {};
    managers = new Map<string, Ownership>();

    async apply(manager: string, wanted: object, force = false): Promise<void> {
      const managers = new Map(this.managers);
      const applied = await applyConfig(versions, managers, this.object, wanted, { ...write(manager, 'Apply'), force });
      this.object = cloneJson(applied ?? this.object);
      this.managers = managers;
    }

    async update(manager: string, object: object): Promise<void> {
      await recordUpdate(versions, this.managers, this.object, object, write(manager, 'Update'));
      this.object = cloneJson(object);
    }

    fieldsOf(manager: string): object {
      return [...this.managers.values()].find((entry) => entry.manager === manager)?.fields ?? {};
    }
  }

  const isConflict = async (attempt: Promise<void>): Promise<boolean> => {
    try {
      await attempt;
      return false;
    } catch (error) {
      if (error instanceof ApplyConflict) return true;
      throw error;
    }
  };

  it('makes of nothing what it says', () =>
    fc.assert(
      fc.asyncProperty(config, async (wanted) => {
        const subject = new Subject();
        await subject.apply('one', wanted);
        expect(subject.object).toEqual(wanted);
        expect(subject.fieldsOf('one')).toEqual(toFieldSet(sampleType, wanted));
      }),
    ));

  it('twice is once', () =>
    fc.assert(
      fc.asyncProperty(config, config, async (found, wanted) => {
        const subject = new Subject();
        await subject.update('other', found);
        await subject.apply('one', wanted, true);
        const { object, managers } = subject;
        await subject.apply('one', wanted);
        expect(subject.object).toEqual(object);
        expect(subject.managers).toEqual(managers);
      }),
    ));

  it('holds what it says, whatever was there', () =>
    fc.assert(
      fc.asyncProperty(config, config, async (found, wanted) => {
        const subject = new Subject();
        await subject.update('other', found);
        await subject.apply('one', wanted, true);
        expect(merge(sampleType, subject.object, wanted)).toEqual(subject.object);
      }),
    ));

  it('of disjoint fields never conflicts', () =>
    fc.assert(
      fc.asyncProperty(config, disjoint, async (first, second) => {
        const [one, two] = [toFieldSet(sampleType, first), toFieldSet(sampleType, second)];
        expect(isEmpty(intersection(one, two))).toBe(true);
        const subject = new Subject();
        await subject.apply('one', first);
        await subject.apply('two', second);
        expect([subject.fieldsOf('one'), subject.fieldsOf('two')]).toEqual([one, two]);
        await subject.apply('two', {});
        expect(sortLists(subject.object)).toEqual(sortLists(first));
      }),
    ));

  it('of what another has conflicts if it differs, and shares it if it is the same', () =>
    fc.assert(
      fc.asyncProperty(name, name, async (first, second) => {
        const subject = new Subject();
        await subject.apply('one', { text: first });
        expect(await isConflict(subject.apply('two', { text: second }))).toBe(first !== second);
      }),
    ));

  it('without a field removes it, and all it had with an empty configuration', () =>
    fc.assert(
      fc.asyncProperty(config, config, async (first, second) => {
        const subject = new Subject();
        await subject.apply('one', first);
        await subject.apply('one', second);
        const fresh = new Subject();
        await fresh.apply('one', second);
        expect(sortLists(subject.object)).toEqual(sortLists(fresh.object));
        await subject.apply('one', {});
        expect(subject.object).toEqual({});
        expect(subject.managers.size).toBe(0);
      }),
    ));

  it('leaves alone what others have set', () =>
    fc.assert(
      fc.asyncProperty(config, config, async (found, wanted) => {
        const subject = new Subject();
        await subject.update('other', found);
        if (await isConflict(subject.apply('one', wanted))) return;
        await subject.apply('one', {});
        expect(sortLists(subject.object)).toEqual(sortLists(found));
      }),
    ));

  it('and updates never leave a field with two managers that disagree, or one that is not there', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom('one', 'two', 'three'), fc.boolean(), config), { maxLength: 6 }),
        async (steps) => {
          const subject = new Subject();
          for (const [manager, applies, wanted] of steps) {
            if (applies) await subject.apply(manager, wanted, true);
            else await subject.update(manager, wanted);
          }
          for (const { fields } of subject.managers.values()) expect(isEmpty(fields)).toBe(false);
          const appliers = [...subject.managers.values()].filter(({ operation }) => operation === 'Apply');
          for (const { manager } of appliers) await subject.apply(manager, {});
          expect([...subject.managers.values()].filter(({ operation }) => operation === 'Apply')).toEqual([]);
        },
      ),
    ));

  it('never takes what the server keeps: the name in its struct', async () => {
    const named = setOf(['f:struct', 'f:a']);
    const ownable = (fields: FieldSet): FieldSet => difference(difference(fields, named), setOf(['f:struct']));
    const configs = fc.array(config, { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(configs, async (steps) => {
        let object: object = { struct: { a: 'name' }, flag: true };
        const managers = new Map<string, Ownership>();
        for (const step of [...steps, {}]) {
          const wanted = { ...step, struct: { ...(step as { struct?: object }).struct, a: 'name' } };
          const { by, time } = write('one', 'Apply');
          const applied = await applyConfig(versions, managers, object, wanted, { by, time, ownable, force: false });
          object = cloneJson(applied ?? object);
          expect(object).toMatchObject({ struct: { a: 'name' }, flag: true });
        }
        expect(object).toEqual({ struct: { a: 'name' }, flag: true });
        expect(managers.size).toBe(0);
      }),
    );
  });

  /** The order of entries that several have is nobody's. */
  function sortLists(value: unknown): unknown {
    if (Array.isArray(value)) {
      return value.map(sortLists).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
    }
    if (typeof value !== 'object' || value === null) return value;
    const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(members.map(([key, member]) => [key, sortLists(member)]));
  }
});

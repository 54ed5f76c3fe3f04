import { formatFieldError } from '../../../../../api/meta/field-error';
import { applyDefaults, dropForbiddenNulls } from '../../../../../apiserver/apiextensions/schema/defaults';
import { checkMetadata, validateEmbedded } from '../../../../../apiserver/apiextensions/schema/embedded-meta';
import { formats } from '../../../../../apiserver/apiextensions/schema/formats';
import type { JsonSchema } from '../../../../../apiserver/apiextensions/schema/json-schema';
import { validateListTypes } from '../../../../../apiserver/apiextensions/schema/list-types';
import { pruneUnknownFields } from '../../../../../apiserver/apiextensions/schema/prune';

const object = (properties: Record<string, JsonSchema>, rest: JsonSchema = {}): JsonSchema => ({
  type: 'object',
  properties,
  ...rest,
});

describe('pruneUnknownFields', () => {
  it.each<[string, JsonSchema, object, object, string[]]>([
    [
      'keeps type and object meta',
      object({}),
      { apiVersion: 'v1', kind: 'K', metadata: { a: 1 }, x: 1 },
      { apiVersion: 'v1', kind: 'K', metadata: { a: 1 } },
      ['x'],
    ],
    [
      'looks into lists and maps',
      object({ l: { items: object({ a: {} }) }, m: { additionalProperties: object({ a: {} }) } }),
      { l: [{ a: 1, b: 2 }], m: { k: { a: 1, c: 2 } } },
      { l: [{ a: 1 }], m: { k: { a: 1 } } },
      ['l[0].b', 'm.k.c'],
    ],
    [
      'keeps the unknown where that is asked for, but not below what is known',
      object({ s: object({ known: object({ a: {} }) }, { 'x-kubernetes-preserve-unknown-fields': true }) }),
      { s: { u: { v: 1 }, known: { a: 1, b: 1 } } },
      { s: { u: { v: 1 }, known: { a: 1 } } },
      ['s.known.b'],
    ],
    [
      'keeps the unknown in items of a list that asks for it',
      object({ l: { type: 'array', 'x-kubernetes-preserve-unknown-fields': true, items: object({}) } }),
      { l: [{ u: 1 }] },
      { l: [{ u: 1 }] },
      [],
    ],
    [
      'empties the values of maps of anything',
      object({ m: { additionalProperties: true } }),
      { m: { k: { a: 1 }, n: 1 } },
      { m: { k: {}, n: 1 } },
      ['m.k.a'],
    ],
    [
      'keeps the meta of embedded objects',
      object({ e: object({}, { 'x-kubernetes-embedded-resource': true }) }),
      { e: { apiVersion: 'v1', kind: 'K', metadata: {}, x: 1 } },
      { e: { apiVersion: 'v1', kind: 'K', metadata: {} } },
      ['e.x'],
    ],
    [
      'knows members of prototypes for what they are',
      object({}),
      JSON.parse('{"constructor":1,"toString":2}'),
      {},
      ['constructor', 'toString'],
    ],
  ])('%s', (_name, schema, value, left, dropped) => {
    const copy = structuredClone(value);
    expect(pruneUnknownFields(copy, schema)).toEqual(dropped);
    expect(copy).toEqual(left);
  });
});

describe('applyDefaults', () => {
  it.each<[string, JsonSchema, object, object]>([
    [
      'fills in, also inside of a default',
      object({ a: object({ b: { default: 1 } }, { default: {} }) }),
      {},
      { a: { b: 1 } },
    ],
    [
      'takes null for missing unless it is allowed',
      object({ a: { default: 1 }, b: { default: 1, nullable: true } }),
      { a: null, b: null },
      { a: 1, b: null },
    ],
    [
      'looks into lists and maps',
      object({
        l: { items: object({ a: { default: 1 } }) },
        m: { additionalProperties: object({ a: { default: 2 } }) },
      }),
      { l: [{}], m: { k: {} } },
      { l: [{ a: 1 }], m: { k: { a: 2 } } },
    ],
    ['leaves the rest alone', object({ a: object({ b: { default: 1 } }) }), {}, {}],
  ])('%s', (_name, schema, value, filled) => {
    const copy = structuredClone(value);
    applyDefaults(copy, schema);
    expect(copy).toEqual(filled);
  });

  it('gives every object a default of its own', () => {
    const schema = object({ a: { default: { list: [] } } });
    const [one, two] = [{}, {}] as any[];
    applyDefaults(one, schema);
    applyDefaults(two, schema);
    one.a.list.push(1);
    expect(two.a.list).toEqual([]);
  });

  it('cannot be made to change prototypes', () => {
    const schema = object(JSON.parse('{"__proto__":{"default":{"polluted":true}}}'));
    const value = {};
    applyDefaults(value, schema);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect(Object.keys(value)).toEqual(['__proto__']);
  });
});

it('drops nulls that are not allowed', () => {
  const value = { a: null, b: null, c: null, l: [{ a: null }] };
  dropForbiddenNulls(
    value,
    object({ a: {}, b: { nullable: true }, c: { default: 1 }, l: { items: object({ a: {} }) } }),
  );
  expect(value).toEqual({ b: null, c: null, l: [{}] });
});

describe('validateListTypes', () => {
  const set = object({ l: { type: 'array', 'x-kubernetes-list-type': 'set' } });
  const map = object({ l: { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k'] } });
  it.each<[JsonSchema, unknown[], string[]]>([
    [set, [1, '1', 2], []],
    [set, ['a', 'a', 'a'], ['l[1]: Duplicate value: "a"']],
    [
      set,
      [
        { a: 1, b: 1 },
        { b: 1, a: 1 },
      ],
      ['l[1]: Duplicate value: {"b":1,"a":1}'],
    ],
    [
      map,
      [
        { k: 'a', v: 1 },
        { k: 'a', v: 2 },
      ],
      ['l[1]: Duplicate value: {"k":"a"}'],
    ],
    [map, [{}, {}], ['l[1]: Duplicate value: {}']],
    [map, [{ k: 'a' }, 1], ['l[1]: Invalid value: 1: must be an object for an array of list-type map']],
  ])('%j with %j', (schema, l, expected) => {
    expect(validateListTypes({ l }, schema).map((error) => formatFieldError(error))).toEqual(expected);
  });
});

describe('metadata', () => {
  const schema = object({ template: object({ spec: object({}) }, { 'x-kubernetes-embedded-resource': true }) });

  it('is checked and pruned, also in embedded objects', () => {
    const value = {
      metadata: { name: 'a', what: 1 },
      template: { apiVersion: 'v1', kind: 'Pod', metadata: { labels: { a: 'b' }, x: 1 } },
    };
    expect(checkMetadata(value, schema)).toEqual({
      typeErrors: [],
      unknownFields: ['metadata.what', 'template.metadata.x'],
    });
    expect(value).toEqual({
      metadata: { name: 'a' },
      template: { apiVersion: 'v1', kind: 'Pod', metadata: { labels: { a: 'b' } } },
    });
    expect(checkMetadata({ metadata: { labels: { a: 1 } } }, schema).typeErrors).toHaveLength(1);
  });

  it('of embedded objects has a kind and valid names', () => {
    const errors = validateEmbedded({ template: { apiVersion: 'a/b/c', metadata: { name: 'a/b' } } }, schema);
    expect(errors.map((error) => formatFieldError(error))).toEqual([
      'template.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
      'template.kind: Required value',
      'template.metadata.name: Invalid value: "a/b": may not contain \'/\'',
    ]);
  });
});

describe('formats', () => {
  it.each([
    ['date-time', ['2024-02-29T10:00:00Z', '2024-01-01T10:00:00.5+01:00'], ['2023-02-29T10:00:00Z', '2024-01-01']],
    ['date', ['2024-02-29'], ['2024-13-01', '24-01-01']],
    ['duration', ['1h30m', '0', '3 days'], ['1x', '']],
    ['ipv4', ['10.0.0.1'], ['10.1', '::1']],
    ['ipv6', ['::1'], ['10.0.0.1']],
    ['cidr', ['10.0.0.0/8'], ['10.0.0.0/33']],
    ['mac', ['00:11:22:33:44:55'], ['00:11:22:33:44']],
    ['uuid', ['123e4567-e89b-12d3-a456-426614174000'], ['123']],
    ['byte', ['aGk='], ['a', '***=']],
    ['email', ['a@example.com'], ['a', '@example.com', `a@${'x'.repeat(300)}`]],
    ['hostname', ['example.com', 'a'], ['-a', 'a..b']],
    ['uri', ['https://example.com/a?b'], ['example']],
    ['isbn10', ['0-306-40615-2'], ['0-306-40615-3']],
    ['isbn13', ['978-0-306-40615-7'], ['978-0-306-40615-8']],
    ['creditcard', ['4111111111111111'], ['4111111111111112']],
    ['rgbcolor', ['rgb(0,10,255)'], ['rgb(0,10,256)']],
  ])('%s', (name, good, bad) => {
    const isOfFormat = formats.get(name)!;
    expect([good.filter((text) => !isOfFormat(text)), bad.filter(isOfFormat)]).toEqual([[], []]);
  });

  it('take linear time over hostile texts', () => {
    const began = process.cpuUsage();
    for (const isOfFormat of formats.values()) {
      for (const piece of ['1', 'a', '.', 'a.', '-', '1h', '0:', '=', 'a@']) isOfFormat(`${piece.repeat(100_000)}!`);
    }
    expect(process.cpuUsage(began).user / 1000).toBeLessThan(5_000);
  });
});

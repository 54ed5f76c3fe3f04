import { formatFieldError } from '../../../../../api/meta/field-error';
import type { JsonSchema } from '../../../../../apiserver/apiextensions/schema/json-schema';
import { validateValue } from '../../../../../apiserver/apiextensions/schema/validate';
import { matchesLinear } from '../../../../../apiserver/cel';

const context = { matches: matchesLinear };
const of = (properties: Record<string, JsonSchema>, rest: JsonSchema = {}): JsonSchema => ({
  type: 'object',
  properties: { spec: { type: 'object', properties, ...rest } },
});
const errors = (value: unknown, schema: JsonSchema, old?: unknown): string[] =>
  validateValue(context, value, schema, '', old === undefined ? undefined : { value: old }).map((error) =>
    formatFieldError(error),
  );
const check = (member: JsonSchema, value: unknown): string[] => errors({ spec: { x: value } }, of({ x: member }));

describe('validateValue', () => {
  it.each<[JsonSchema, unknown, string[]]>([
    [{ type: 'integer' }, 1, []],
    [
      { type: 'integer' },
      1.5,
      [
        'spec.x: Invalid value: "number": spec.x in body must be of type integer: "number"',
        '<nil>: Invalid value: "": Checked value must be of type integer (default format) in spec.x',
      ],
    ],
    [{ type: 'number' }, 1, []],
    [{ type: 'integer' }, '1', ['spec.x: Invalid value: "string": spec.x in body must be of type integer: "string"']],
    [{ type: 'string' }, null, ['spec.x: Invalid value: "null": spec.x in body must be of type string: "null"']],
    [{ type: 'string', nullable: true }, null, []],
    [{ 'x-kubernetes-int-or-string': true }, 'a', []],
    [
      { 'x-kubernetes-int-or-string': true },
      {},
      ['spec.x: Invalid value: "object": spec.x in body must be of type integer,string: "object"'],
    ],
    [
      { type: 'integer', format: 'int32' },
      2 ** 31,
      ['<nil>: Invalid value: "": Checked value must be of type integer with format int32 in spec.x'],
    ],
    [
      { type: 'integer', minimum: 1 },
      0,
      ['spec.x: Invalid value: 0: spec.x in body should be greater than or equal to 1'],
    ],
    [
      { type: 'integer', minimum: 1, exclusiveMinimum: true },
      1,
      ['spec.x: Invalid value: 1: spec.x in body should be greater than 1'],
    ],
    [
      { type: 'integer', maximum: 1, exclusiveMaximum: true },
      1,
      ['spec.x: Invalid value: 1: spec.x in body should be less than 1'],
    ],
    [{ type: 'number', multipleOf: 0.1 }, 0.3, []],
    [{ type: 'integer', multipleOf: 5 }, 7, ['spec.x: Invalid value: 7: spec.x in body should be a multiple of 5']],
    [{ type: 'string', maxLength: 2 }, '👍👍', []],
    [{ type: 'string', maxLength: 2 }, 'abc', ['spec.x: Too long: may not be more than 2 bytes']],
    [
      { type: 'string', minLength: 2 },
      '👍',
      ['spec.x: Invalid value: "👍": spec.x in body should be at least 2 chars long'],
    ],
    [{ type: 'string', pattern: '^a+$' }, 'b', ['spec.x: Invalid value: "b": spec.x in body should match \'^a+$\'']],
    [
      { type: 'string', format: 'date-time' },
      'now',
      ['spec.x: Invalid value: "now": spec.x in body must be of type date-time: "now"'],
    ],
    [{ type: 'string', format: 'unheard-of' }, 'now', []],
    [{ type: 'string', enum: ['b', 'a'] }, 'c', ['spec.x: Unsupported value: "c": supported values: "a", "b"']],
    [
      { type: 'array', items: { type: 'string' } },
      ['a', 1],
      ['spec.x[1]: Invalid value: "integer": spec.x[1] in body must be of type string: "integer"'],
    ],
    [{ type: 'array', maxItems: 1 }, [1, 2], ['spec.x: Too many: 2: must have at most 1 items']],
    [{ type: 'array', minItems: 1 }, [], ['spec.x: Invalid value: 0: spec.x in body should have at least 1 items']],
    [
      { type: 'array', uniqueItems: true },
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
      ['spec.x: Invalid value: "": spec.x in body shouldn\'t contain duplicates'],
    ],
    [{ type: 'object', required: ['a'] }, {}, ['spec.x.a: Required value']],
    [{ type: 'object', maxProperties: 1 }, { a: 1, b: 1 }, ['spec.x: Too many: 2: must have at most 1 items']],
    [
      { type: 'object', minProperties: 1 },
      {},
      ['spec.x: Invalid value: 0: spec.x in body should have at least 1 properties'],
    ],
    [
      { type: 'object', additionalProperties: { type: 'integer' } },
      { k: 'v' },
      ['spec.x.k: Invalid value: "string": spec.x.k in body must be of type integer: "string"'],
    ],
    [
      { anyOf: [{ type: 'string' }, { type: 'integer', minimum: 3 }] },
      1,
      [
        '<nil>: Invalid value: "": "spec.x" must validate at least one schema (anyOf)',
        'spec.x: Invalid value: "integer": spec.x in body must be of type string: "integer"',
      ],
    ],
    [
      { type: 'object', oneOf: [{ required: ['a'] }, { required: ['b'] }] },
      { a: 1, b: 1 },
      ['<nil>: Invalid value: "": "spec.x" must validate one and only one schema (oneOf). Found 2 valid alternatives'],
    ],
    [
      { type: 'object', oneOf: [{ required: ['a'] }, { required: ['b'] }] },
      {},
      [
        '<nil>: Invalid value: "": "spec.x" must validate one and only one schema (oneOf). Found none valid',
        'spec.x.a: Required value',
      ],
    ],
    [
      { allOf: [{ minimum: 2 }] },
      1,
      [
        'spec.x: Invalid value: 1: spec.x in body should be greater than or equal to 2',
        '<nil>: Invalid value: "": "spec.x" must validate all the schemas (allOf). None validated',
      ],
    ],
    [{ not: { enum: ['a'] } }, 'a', ['<nil>: Invalid value: "": "spec.x" must not validate the schema (not)']],
  ])('%j of %j', (schema, value, expected) => {
    expect(check(schema, value)).toEqual(expected);
  });

  it('takes no time over hostile patterns and names of prototypes', () => {
    expect(check({ type: 'string', pattern: '^(a+)+$' }, `${'a'.repeat(20_000)}b`)).toHaveLength(1);
    const schema = {
      type: 'object',
      properties: JSON.parse('{"__proto__":{"type":"integer"},"constructor":{"type":"integer"}}'),
    };
    expect(errors(JSON.parse('{"__proto__":"a","constructor":"b","toString":1}'), schema)).toEqual([
      '__proto__: Invalid value: "string": __proto__ in body must be of type integer: "string"',
      'constructor: Invalid value: "string": constructor in body must be of type integer: "string"',
    ]);
    expect(({} as { type?: string }).type).toBeUndefined();
  });
});

describe('ratcheting', () => {
  const schema = of({
    a: { type: 'string', maxLength: 1 },
    b: { type: 'string', maxLength: 1 },
    map: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['k'],
      items: { type: 'object', properties: { k: { type: 'string' }, v: { type: 'integer', maximum: 1 } } },
    },
    list: { type: 'array', items: { type: 'integer', maximum: 1 } },
  });

  it('keeps what did not change, however wrong', () => {
    expect(errors({ spec: { a: 'long', b: 'also' } }, schema, { spec: { a: 'long', b: 'b' } })).toEqual([
      'spec.b: Too long: may not be more than 1 bytes',
    ]);
  });

  it('finds the items of maps by their keys, and compares other lists as a whole', () => {
    const old = {
      spec: {
        map: [
          { k: 'a', v: 5 },
          { k: 'b', v: 6 },
        ],
        list: [5],
      },
    };
    expect(
      errors(
        {
          spec: {
            map: [
              { k: 'b', v: 6 },
              { k: 'a', v: 5 },
            ],
            list: [5],
          },
        },
        schema,
        old,
      ),
    ).toEqual([]);
    expect(errors({ spec: { map: [{ k: 'c', v: 5 }], list: [5, 1] } }, schema, old)).toEqual([
      'spec.map[0].v: Invalid value: 5: spec.map[0].v in body should be less than or equal to 1',
      'spec.list[0]: Invalid value: 5: spec.list[0] in body should be less than or equal to 1',
    ]);
  });
});

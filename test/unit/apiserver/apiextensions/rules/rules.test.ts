import { formatFieldError } from '../../../../../api/meta/field-error';
import { createRuleValidator } from '../../../../../apiserver/apiextensions/rules';
import { celNameOf } from '../../../../../apiserver/apiextensions/rules/cel-names';
import type { JsonSchema, ValidationRule } from '../../../../../apiserver/apiextensions/schema/json-schema';

const specOf = (
  properties: Record<string, JsonSchema>,
  rules: ValidationRule[],
  rest: JsonSchema = {},
): JsonSchema => ({
  type: 'object',
  properties: { spec: { type: 'object', properties, 'x-kubernetes-validations': rules, ...rest } },
});
const errors = (schema: JsonSchema, spec: unknown, old?: unknown): string[] =>
  createRuleValidator(schema)
    .validate({ spec } as never, old === undefined ? undefined : ({ spec: old } as never))
    .map((error) => formatFieldError(error));

const int: JsonSchema = { type: 'integer' };
const text: JsonSchema = { type: 'string' };

describe('rules', () => {
  it.each<[string, JsonSchema, unknown, string[]]>([
    ['hold', specOf({ a: int, b: int }, [{ rule: 'self.a <= self.b' }]), { a: 1, b: 2 }, []],
    [
      'name themselves',
      specOf({ a: int }, [{ rule: 'self.a > 1' }]),
      { a: 1 },
      ['spec: Invalid value: "object": failed rule: self.a > 1'],
    ],
    [
      'have messages',
      specOf({ a: int }, [{ rule: 'self.a > 1', message: 'too few' }]),
      { a: 1 },
      ['spec: Invalid value: "object": too few'],
    ],
    [
      'compute messages',
      specOf({ a: int }, [{ rule: 'self.a > 1', messageExpression: '"got " + string(self.a)' }]),
      { a: 1 },
      ['spec: Invalid value: "object": got 1'],
    ],
    [
      'fall back when that fails',
      specOf({ a: int, b: int }, [{ rule: 'self.a > 1', message: 'm', messageExpression: 'string(self.b)' }]),
      { a: 1 },
      ['spec: Invalid value: "object": m'],
    ],
    [
      'point at fields, with a reason',
      specOf({ a: int }, [{ rule: 'self.a > 1', message: 'm', fieldPath: '.a', reason: 'FieldValueForbidden' }]),
      { a: 1 },
      ['spec.a: Forbidden: m'],
    ],
    [
      'tell what failed',
      specOf({ a: int, b: int }, [{ rule: 'self.b > 1' }]),
      { a: 1 },
      ['spec: Invalid value: "object": no such key: b evaluating rule: self.b > 1'],
    ],
    [
      'see items and entries',
      specOf(
        {
          l: { type: 'array', items: { ...int, 'x-kubernetes-validations': [{ rule: 'self > 1' }] } },
          m: {
            type: 'object',
            additionalProperties: { ...text, 'x-kubernetes-validations': [{ rule: 'size(self) > 1' }] },
          },
        },
        [],
      ),
      { l: [1, 2], m: { k: 'a' } },
      [
        'spec.l[0]: Invalid value: "integer": failed rule: self > 1',
        'spec.m[k]: Invalid value: "string": failed rule: size(self) > 1',
      ],
    ],
    [
      'spell odd names',
      specOf({ 'a-b.c': int, in: int }, [{ rule: 'self.a__dash__b__dot__c == self.__in__' }]),
      { 'a-b.c': 1, in: 1 },
      [],
    ],
    [
      'stand in allOf too',
      specOf({ a: int }, [], { allOf: [{ 'x-kubernetes-validations': [{ rule: 'self.a > 1' }] }] }),
      { a: 1 },
      ['spec: Invalid value: "object": failed rule: self.a > 1'],
    ],
    [
      'say nothing of null',
      specOf({ a: { ...int, nullable: true, 'x-kubernetes-validations': [{ rule: 'self > 1' }] } }, []),
      { a: null },
      [],
    ],
    [
      'take int-or-string for what it is',
      specOf({ p: { 'x-kubernetes-int-or-string': true } }, [
        { rule: "type(self.p) == string ? self.p == '50%' : self.p < 5" },
      ]),
      { p: '50%' },
      [],
    ],
  ])('%s', (_name, schema, spec, expected) => {
    expect(errors(schema, spec)).toEqual(expected);
  });

  it('see the root of the object', () => {
    const schema: JsonSchema = {
      type: 'object',
      'x-kubernetes-validations': [{ rule: "self.metadata.name.startsWith('a')" }],
    };
    const [error] = createRuleValidator(schema).validate({ metadata: { name: 'b' } });
    expect(formatFieldError(error!)).toBe(
      '<nil>: Invalid value: "object": failed rule: self.metadata.name.startsWith(\'a\')',
    );
  });

  it('of transitions run only where there is an old value', () => {
    const schema = specOf(
      { a: { ...int, 'x-kubernetes-validations': [{ rule: 'self >= oldSelf', message: 'no way back' }] } },
      [],
    );
    expect(errors(schema, { a: 1 })).toEqual([]);
    expect(errors(schema, { a: 1 }, { a: 2 })).toEqual(['spec.a: Invalid value: "integer": no way back']);
    expect(errors(schema, { a: 1 }, {})).toEqual([]);
    expect(errors(schema, { a: 1 }, { a: null })).toEqual([]);
  });

  it('may ask whether there is an old value', () => {
    const rule = { rule: 'oldSelf.hasValue() ? self == oldSelf.value() : self > 0', optionalOldSelf: true };
    const schema = specOf({ a: { ...int, 'x-kubernetes-validations': [rule] } }, []);
    expect(errors(schema, { a: 0 })).toHaveLength(1);
    expect(errors(schema, { a: 2 }, { a: 2 })).toEqual([]);
    expect(errors(schema, { a: 3 }, { a: 2 })).toHaveLength(1);
  });

  it('do not hold against an update what it did not change', () => {
    const schema = specOf({ a: { ...int, 'x-kubernetes-validations': [{ rule: 'self > 1' }] }, b: int }, []);
    expect(errors(schema, { a: 0, b: 2 }, { a: 0, b: 1 })).toEqual([]);
    expect(errors(schema, { a: 1, b: 2 }, { a: 0, b: 1 })).toHaveLength(1);
  });

  it('end when they cost too much', () => {
    const list: JsonSchema = { type: 'array', items: int };
    const schema = specOf({ l: list }, [
      { rule: 'self.l.all(a, self.l.all(b, self.l.all(c, a + b + c >= 0)))' },
      { rule: 'false' },
    ]);
    const [error, ...more] = errors(schema, { l: Array.from({ length: 300 }, (_, i) => i) });
    expect(error).toContain('call cost exceeds limit for rule');
    expect(more).toEqual([]);
  });
});

it.each([
  ['a', 'a'],
  ['a__b', 'a__underscores__b'],
  ['a.b-c/d', 'a__dot__b__dash__c__slash__d'],
  ['true', '__true__'],
  ['1a', undefined],
  ['a b', undefined],
])('spells %s as %s', (name, spelled) => {
  expect(celNameOf(name)).toBe(spelled);
});

import { formatFieldError } from '../../../../api/meta/field-error';
import { createCustomValidation } from '../../../../apiserver/apiextensions/custom-validation';
import { createRuleValidator } from '../../../../apiserver/apiextensions/rules';
import type { JsonSchema } from '../../../../apiserver/apiextensions/schema/json-schema';
import { matchesLinear } from '../../../../apiserver/cel';

const scale = { specReplicasPath: '.spec.n', statusReplicasPath: '.status.n', labelSelectorPath: '.status.sel' };
const schema: JsonSchema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: { n: { type: 'integer' }, set: { type: 'array', 'x-kubernetes-list-type': 'set' } },
    },
    status: { type: 'object', properties: { n: { type: 'integer', maximum: 5 }, sel: { type: 'string' } } },
  },
  'x-kubernetes-validations': [
    { rule: '!has(self.spec) || !has(self.spec.n) || self.spec.n != 3', message: 'not three' },
  ],
};
const of = (given: JsonSchema | undefined) =>
  createCustomValidation({ matches: matchesLinear }, given, scale, createRuleValidator(given));
const print = (errors: Parameters<typeof formatFieldError>[0][]): string[] =>
  errors.map((error) => formatFieldError(error));

describe('validation of custom resources', () => {
  it.each<[unknown, string[]]>([
    [{ spec: { n: 1 } }, []],
    [{ spec: { n: 3 } }, ['<nil>: Invalid value: "object": not three']],
    [{ spec: { n: -1 } }, ['.spec.n: Invalid value: -1: should be a non-negative integer']],
    [{ spec: { n: 2 ** 31 } }, ['.spec.n: Invalid value: 2147483648: should be less than or equal to 2147483647']],
    [{ spec: { set: [1, 1] } }, ['spec.set[1]: Duplicate value: 1']],
    [
      { spec: { n: 'x' } },
      [
        'spec.n: Invalid value: "string": spec.n in body must be of type integer: "string"',
        '.spec.n: Invalid value: 0: .spec.n accessor error: x is of the type string, expected int64',
        '<nil>: Invalid value: "null": some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
      ],
    ],
  ])('of %j', (object, messages) => {
    expect(print(of(schema).validate(object as object))).toEqual(messages);
  });

  it('through status looks at the status and at the rules', () => {
    const { validateStatusUpdate } = of(schema);
    const old = { spec: { n: 3, set: [1, 1] }, status: { n: 9 } };
    expect(print(validateStatusUpdate({ ...old, status: { n: 9 } } as object, old as object))).toEqual([]);
    expect(print(validateStatusUpdate({ ...old, status: { n: 8 } } as object, old as object))[0]).toContain('status.n');
  });

  it('lets sets be that had repeated items before', () => {
    const old = { spec: { set: [1, 1] } };
    expect(print(of(schema).validateUpdate({ spec: { set: [1, 1, 2] } } as object, old as object))).toEqual([]);
  });

  it('without a schema is about scale alone', () => {
    expect(print(of(undefined).validate({ spec: { n: -1, x: 1 }, status: { sel: 1 } } as object))).toEqual([
      '.spec.n: Invalid value: -1: should be a non-negative integer',
      '.status.sel: Invalid value: "": .status.sel accessor error: 1 is of the type float64, expected string',
    ]);
  });
});

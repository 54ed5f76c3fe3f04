import type { CustomResourceDefinition } from '../../../../api/apiextensions/v1/customresourcedefinition';
import { formatFieldError } from '../../../../api/meta/field-error';
import { checkSchemas } from '../../../../apiserver/apiextensions/check-schemas';
import type { JsonSchema } from '../../../../apiserver/apiextensions/schema/json-schema';
import { matchesLinear } from '../../../../apiserver/cel';

const crd = (...schemas: JsonSchema[]): CustomResourceDefinition =>
  ({
    spec: {
      versions: schemas.map((openAPIV3Schema, index) => ({ name: `v${index + 1}`, schema: { openAPIV3Schema } })),
    },
  }) as CustomResourceDefinition;
const check = (next: CustomResourceDefinition, old?: CustomResourceDefinition): string[] =>
  checkSchemas({ matches: matchesLinear }, next, old).map((error) => formatFieldError(error));
const spec = (schema: JsonSchema): JsonSchema => ({ type: 'object', properties: { spec: schema } });
const ruled = (schema: JsonSchema, ...rules: string[]): JsonSchema => ({
  ...schema,
  'x-kubernetes-validations': rules.map((rule) => ({ rule })),
});
const root = 'spec.validation.openAPIV3Schema.properties[spec]';
const text: JsonSchema = { type: 'string' };
const hint =
  '(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)';

describe('checkSchemas', () => {
  it.each<[string, JsonSchema, string[]]>([
    [
      'patterns',
      { type: 'string', pattern: '[' },
      [
        `${root}.pattern: Invalid value: "[": must be a valid regular expression, but isn't: error parsing regexp: missing closing ]: \`[\``,
      ],
    ],
    [
      'defaults',
      { type: 'integer', default: 'x' },
      [`${root}.default: Invalid value: "string":  in body must be of type integer: "string"`],
    ],
    [
      'unknown fields in defaults',
      { type: 'object', properties: {}, default: { a: 1 } },
      [`${root}.default: Invalid value: {"a":1}: must not have unknown fields`],
    ],
    [
      'rules',
      ruled(text, 'self >'),
      [
        `${root}.x-kubernetes-validations[0].rule: Invalid value: "self >": compilation failed: ERROR: <input>:1:7: Syntax error: mismatched input '<EOF>'`,
      ],
    ],
    [
      'results of rules',
      ruled(text, 'self'),
      [`${root}.x-kubernetes-validations[0].rule: Invalid value: "self": cel expression must evaluate to a bool`],
    ],
    [
      'transitions that cannot be told',
      { type: 'array', maxItems: 5, items: ruled(text, 'self == oldSelf') },
      [
        `${root}.items.x-kubernetes-validations[0].rule: Forbidden: oldSelf cannot be used on the uncorrelatable portion of the schema within ${root}.items`,
      ],
    ],
  ])('refuses wrong %s', (_what, schema, messages) => {
    const found = check(crd(spec(schema)));
    expect(found).toHaveLength(messages.length);
    for (const [index, message] of messages.entries()) expect(found[index]!.slice(0, message.length)).toBe(message);
  });

  it('counts on defaults inside of defaults', () => {
    const nested = { type: 'object', required: ['a'], properties: { a: { type: 'integer', default: 1 } }, default: {} };
    expect(check(crd(spec(nested)))).toEqual([]);
  });

  it('names the version where schemas differ, and lets old ones be', () => {
    const bad = spec({ type: 'string', pattern: '[' });
    expect(check(crd(spec(text), bad))[0]).toContain(
      'spec.versions[1].schema.openAPIV3Schema.properties[spec].pattern',
    );
    expect(check(crd(spec(text), bad), crd(bad))).toEqual([]);
  });

  it('estimates what rules may cost', () => {
    const list = (maxItems?: number): JsonSchema => ({
      type: 'array',
      ...(maxItems !== undefined && { maxItems }),
      items: { type: 'string', maxLength: 64 },
    });
    const unique = 'self.all(a, self.exists_one(b, a == b))';
    expect(check(crd(spec(ruled(list(100), unique))))).toEqual([]);
    expect(check(crd(spec(ruled(list(), unique))))).toEqual([
      `${root}.x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget by factor of more than 100x ${hint}`,
      `${root}.x-kubernetes-validations[0].rule: Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema`,
      `spec.validation.openAPIV3Schema: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of more than 100x ${hint}`,
    ]);
    expect(check(crd(spec({ type: 'array', items: ruled({ type: 'string', maxLength: 10 }, "self != 'x'") })))).toEqual(
      [],
    );
    expect(check(crd(spec({ type: 'array', items: ruled(text, "self.matches('^a+$')") })))[0]).toContain(
      'exceeds budget',
    );
    expect(check(crd(spec(ruled(text, "self.matches('^[a-z]+$')"))))).toEqual([]);
  });
});

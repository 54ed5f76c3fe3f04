import { customResourceDefinitions as definition } from '../../../../../../api/apiextensions/v1/customresourcedefinition';
import { formatFieldError } from '../../../../../../api/meta/field-error';
import { loadFixture } from '../../../../../support/fixtures';

type Row = [string, object, string[]];

/** Errors of a root schema, without the path to it. */
function errorsOf(schema: object, subresources?: object): string[] {
  const crd = loadFixture(definition);
  crd.spec.versions[0].schema.openAPIV3Schema = schema;
  crd.spec.versions[0].subresources = subresources;
  definition.defaults!(crd);
  definition.prepareForCreate!(crd);
  const prefix = 'spec.validation.openAPIV3Schema';
  return definition.validate!(crd).map((error) => formatFieldError(error).replace(prefix, ''));
}

/** A root with one property. */
const a = (schema: object): object => ({ type: 'object', properties: { a: schema } });
const A = '.properties[a]';
const string = { type: 'string' };
const item = (change: object = {}) => ({ type: 'object', required: ['k'], properties: { k: string }, ...change });

describe('structural schemas', () => {
  it.each<Row>([
    ['need a type', {}, ['.type: Required value: must not be empty at the root']],
    ['are objects', { type: 'string' }, ['.type: Invalid value: "string": must be object at the root']],
    ['need types of fields', a({}), [`${A}.type: Required value: must not be empty for specified object fields`]],
    ['need no type of what is preserved', a({ 'x-kubernetes-preserve-unknown-fields': true }), []],
    ['need items', a({ type: 'array' }), [`${A}.items: Required value: must be specified`]],
    [
      'need types of items',
      a({ type: 'array', items: {} }),
      [`${A}.items.type: Required value: must not be empty for specified array items`],
    ],
    [
      'are no maps at the root',
      { type: 'object', additionalProperties: string },
      ['.additionalProperties: Forbidden: must not be used at the root'],
    ],
    [
      'are not nullable',
      { type: 'object', nullable: true },
      ['.nullable: Forbidden: nullable cannot be true at the root'],
    ],
    [
      'take integers or strings in both forms',
      a({
        type: 'object',
        properties: {
          b: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, string] },
          c: {
            'x-kubernetes-int-or-string': true,
            allOf: [{ anyOf: [{ type: 'integer' }, string] }, { pattern: 'x' }],
          },
        },
      }),
      [],
    ],
    [
      'take no types in junctors',
      a({ type: 'string', anyOf: [{ type: 'string' }], not: { nullable: true, description: 'x' } }),
      [
        `${A}.anyOf[0].type: Forbidden: must be empty to be structural`,
        `${A}.not.description: Forbidden: must be empty to be structural`,
        `${A}.not.nullable: Forbidden: must be false to be structural`,
      ],
    ],
    [
      'take no defaults, maps and rules in junctors',
      a({
        type: 'object',
        oneOf: [{ default: 1, additionalProperties: {}, 'x-kubernetes-validations': [{ rule: 'true' }] }],
      }),
      [
        `${A}.oneOf[0].additionalProperties: Forbidden: must be undefined to be structural`,
        `${A}.oneOf[0].default: Forbidden: must be undefined to be structural`,
        `${A}.oneOf[0].x-kubernetes-validations: Forbidden: must be empty to be structural`,
      ],
    ],
    [
      'define what junctors narrow',
      a({
        type: 'object',
        properties: { b: string },
        allOf: [{ properties: { b: {}, c: { minLength: 1 } } }, { items: {} }],
      }),
      [
        `${A}.items: Required value: because it is defined in spec.validation.openAPIV3Schema.properties[a].allOf[1].items`,
        `${A}.properties[c]: Required value: because it is defined in spec.validation.openAPIV3Schema.properties[a].allOf[0].properties[c]`,
      ],
    ],
    [
      'narrow names alone in metadata',
      {
        type: 'object',
        properties: { metadata: { type: 'object', properties: { name: string, labels: { type: 'object' } } } },
      },
      [
        '.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified',
      ],
    ],
    [
      'accept rules for names',
      {
        type: 'object',
        properties: { metadata: { type: 'object', properties: { name: { type: 'string', maxLength: 5 } } } },
      },
      [],
    ],
    [
      'have strings for kind and apiVersion',
      { type: 'object', properties: { kind: { type: 'integer' }, metadata: { type: 'string' } } },
      [
        '.properties[kind].type: Invalid value: "integer": must be string',
        '.properties[metadata].type: Invalid value: "string": must be object',
      ],
    ],
    [
      'embed objects',
      a({ 'x-kubernetes-embedded-resource': true, type: 'string' }),
      [
        `${A}.properties: Required value: must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields`,
        `${A}.type: Invalid value: "string": must be object if x-kubernetes-embedded-resource is true`,
      ],
    ],
  ])('%s', (_title, schema, errors) => {
    expect(errorsOf(schema)).toEqual(errors);
  });

  it('leave only what status can be without, beside a status subresource', () => {
    expect(errorsOf({ type: 'object', description: 'x', required: ['a'] }, { status: {} })).toEqual([]);
    const [error, ...others] = errorsOf({ type: 'object', minProperties: 1 }, { status: {} });
    expect(others).toEqual([]);
    expect(error).toContain(': only [Description Type Format Title Maximum ');
    expect(errorsOf({ type: 'object', minProperties: 1 })).toEqual([]);
  });
});

describe('schemas', () => {
  it.each<Row>([
    [
      'know types',
      a({ type: 'text' }),
      [
        `${A}.type: Unsupported value: "text": supported values: "array", "boolean", "integer", "number", "object", "string"`,
      ],
    ],
    [
      'leave out what is not supported',
      a({ type: 'string', $ref: '#/x', id: 'x', additionalItems: false, dependencies: {}, uniqueItems: true }),
      [
        `${A}.id: Forbidden: id is not supported`,
        `${A}.additionalItems: Forbidden: additionalItems is not supported`,
        `${A}.dependencies: Forbidden: dependencies is not supported`,
        `${A}.$ref: Forbidden: $ref is not supported`,
        `${A}.uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic`,
      ],
    ],
    [
      'are structs or maps',
      a({ type: 'object', properties: { b: string }, additionalProperties: string }),
      [`${A}.additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive`],
    ],
    [
      'have no defaults in the metadata',
      {
        type: 'object',
        properties: { metadata: { type: 'object', properties: { name: { type: 'string', default: 'x' } } } },
      },
      ['.properties[metadata].properties[name].default: Forbidden: must not be set in top-level metadata'],
    ],
    [
      'preserve fields or not',
      a({ type: 'object', 'x-kubernetes-preserve-unknown-fields': false }),
      [`${A}.x-kubernetes-preserve-unknown-fields: Invalid value: false: must be true or undefined`],
    ],
    [
      'know types of maps',
      a({ type: 'string', 'x-kubernetes-map-type': 'deep' }),
      [
        `${A}.type: Invalid value: "string": must be object if x-kubernetes-map-type is specified`,
        `${A}.x-kubernetes-map-type: Unsupported value: "deep": supported values: "atomic", "granular"`,
      ],
    ],
    [
      'accept lists that are maps',
      a({ type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k'], items: item() }),
      [],
    ],
    [
      'need keys of lists that are maps',
      a({ type: 'array', 'x-kubernetes-list-type': 'map', items: item() }),
      [`${A}.x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map`],
    ],
    [
      'need keys that are there, once',
      a({
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['k', 'k', 'z'],
        items: item(),
      }),
      [
        `${A}.x-kubernetes-list-map-keys: Invalid value: ["k","k","z"]: must not contain duplicate entries`,
        `${A}.x-kubernetes-list-map-keys: Invalid value: ["k","k","z"]: entries must all be names of item properties`,
      ],
    ],
    [
      'need keys that are never missing',
      a({
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['k'],
        items: item({ required: [], nullable: true, properties: { k: { type: 'string', nullable: true } } }),
      }),
      [
        `${A}.items.nullable: Forbidden: cannot be nullable when x-kubernetes-list-type is map`,
        `${A}.items.properties[k].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property`,
        `${A}.items.properties[k].nullable: Forbidden: this property is in x-kubernetes-list-map-keys, so it cannot be nullable`,
      ],
    ],
    [
      'have keys of maps alone',
      a({ type: 'array', 'x-kubernetes-list-type': 'set', 'x-kubernetes-list-map-keys': ['k'], items: string }),
      [`${A}.x-kubernetes-list-type: Invalid value: "set": must be map if x-kubernetes-list-map-keys is non-empty`],
    ],
    [
      'have sets of atoms',
      a({ type: 'array', 'x-kubernetes-list-type': 'set', items: item() }),
      [
        `${A}.items.x-kubernetes-map-type: Invalid value: "null": must be atomic as item of a list with x-kubernetes-list-type=set`,
      ],
    ],
    [
      'check rules without compiling them',
      a({
        type: 'object',
        properties: { b: string },
        'x-kubernetes-validations': [
          { rule: ' ' },
          { rule: 'a\nb' },
          { rule: 'true', message: ' ', messageExpression: ' ', reason: 'Bad', fieldPath: '.c' },
          { rule: 'true', fieldPath: '.b' },
        ],
      }),
      [
        `${A}.x-kubernetes-validations[0].rule: Required value: rule is not specified`,
        `${A}.x-kubernetes-validations[1].message: Required value: message must be specified if rule contains line breaks`,
        `${A}.x-kubernetes-validations[2].message: Invalid value: " ": must be non-empty if specified`,
        `${A}.x-kubernetes-validations[2].messageExpression: Required value: messageExpression must be non-empty if specified`,
        `${A}.x-kubernetes-validations[2].reason: Unsupported value: "Bad": supported values: "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"`,
        `${A}.x-kubernetes-validations[2].fieldPath: Invalid value: ".c": must be a valid path`,
      ],
    ],
  ])('%s', (_title, schema, errors) => {
    expect(errorsOf(schema)).toEqual(errors);
  });
});

describe('what code generators write', () => {
  const quantity = {
    anyOf: [{ type: 'integer' }, { type: 'string' }],
    pattern:
      '^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$',
    'x-kubernetes-int-or-string': true,
  };
  const condition = {
    type: 'object',
    description: 'Condition contains details for one aspect of the current state.',
    required: ['lastTransitionTime', 'message', 'reason', 'status', 'type'],
    properties: {
      lastTransitionTime: { type: 'string', format: 'date-time' },
      message: { type: 'string', maxLength: 32768 },
      observedGeneration: { type: 'integer', format: 'int64', minimum: 0 },
      reason: { type: 'string', pattern: '^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$' },
      status: { type: 'string', enum: ['True', 'False', 'Unknown'] },
      type: { type: 'string' },
    },
  };
  const selector = {
    type: 'object',
    'x-kubernetes-map-type': 'atomic',
    properties: {
      matchLabels: { type: 'object', additionalProperties: string },
      matchExpressions: {
        type: 'array',
        'x-kubernetes-list-type': 'atomic',
        items: {
          type: 'object',
          required: ['key', 'operator'],
          properties: {
            key: string,
            operator: string,
            values: { type: 'array', items: string, 'x-kubernetes-list-type': 'atomic' },
          },
        },
      },
    },
  };
  const port = {
    type: 'object',
    required: ['containerPort'],
    properties: {
      containerPort: { type: 'integer', format: 'int32' },
      protocol: { type: 'string', default: 'TCP' },
      hosts: { type: 'array', items: { allOf: [{ maxLength: 64 }, { pattern: '^a' }], type: 'string' } },
    },
  };

  it('is accepted', () => {
    const root = {
      description: 'Sample is the Schema for the samples API',
      type: 'object',
      required: ['spec'],
      properties: {
        apiVersion: { description: 'APIVersion defines the versioned schema.', type: 'string' },
        kind: { description: 'Kind is a string value.', type: 'string' },
        metadata: { type: 'object' },
        spec: {
          type: 'object',
          default: {},
          oneOf: [{ required: ['selector'] }, { required: ['template'] }],
          not: { required: ['selector', 'template'] },
          properties: {
            selector,
            limits: { type: 'object', additionalProperties: quantity },
            ports: {
              type: 'array',
              items: port,
              'x-kubernetes-list-type': 'map',
              'x-kubernetes-list-map-keys': ['containerPort', 'protocol'],
            },
            template: {
              type: 'object',
              'x-kubernetes-embedded-resource': true,
              'x-kubernetes-preserve-unknown-fields': true,
            },
            values: { 'x-kubernetes-preserve-unknown-fields': true },
            mode: {
              type: 'string',
              'x-kubernetes-validations': [{ message: 'Value is immutable', rule: 'self == oldSelf' }],
            },
            backend: {
              type: 'object',
              properties: { a: { type: 'object', nullable: true, properties: { b: string } } },
              anyOf: [{ properties: { a: { required: ['b'] } } }, { properties: { a: { maxProperties: 0 } } }],
            },
          },
        },
        status: {
          type: 'object',
          properties: {
            conditions: {
              type: 'array',
              items: condition,
              'x-kubernetes-list-type': 'map',
              'x-kubernetes-list-map-keys': ['type'],
            },
            addresses: { type: 'array', items: string, 'x-kubernetes-list-type': 'set' },
          },
        },
      },
    };
    const scale = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' };
    expect(errorsOf(root, { status: {}, scale })).toEqual([]);
  });
});

it('takes long lists and wide schemas in time that grows with them', () => {
  const keys = Array.from({ length: 10_000 }, (_, index) => `k${index}`);
  const properties = Object.fromEntries(keys.map((key) => [key, { type: 'string', nullable: true }]));
  const list = { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': keys };
  const begun = process.cpuUsage();
  const errors = errorsOf(a({ type: 'array', ...list, items: { type: 'object', required: keys, properties } }));
  expect(errors).toHaveLength(keys.length);
  expect(process.cpuUsage(begun).user / 1000).toBeLessThan(5_000);
});

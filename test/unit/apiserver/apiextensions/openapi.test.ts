import { openApiDefinitions, openApiNameOf } from '../../../../apiserver/apiextensions/openapi';
import type { JsonSchema } from '../../../../apiserver/apiextensions/schema/json-schema';

const facts = { group: 'stable.example.com', version: 'v1', kind: 'Foo', listKind: 'FooList', plural: 'foos' };
const name = 'com.example.stable.v1.Foo';
const publish = (schema: JsonSchema | undefined, version: 'v2' | 'v3'): any =>
  openApiDefinitions({ ...facts, schema }, version);

it('names definitions by the group turned around', () => {
  expect(openApiNameOf(facts)).toBe(name);
});

describe('openApiDefinitions', () => {
  const schema: JsonSchema = {
    type: 'object',
    description: 'a foo',
    properties: {
      port: { 'x-kubernetes-int-or-string': true, description: 'where' },
      maybe: { type: 'string', nullable: true },
      size: { type: 'integer', minimum: 1, default: 1 },
      free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      template: { type: 'object', 'x-kubernetes-embedded-resource': true },
      mode: { type: 'string', enum: ['a', 'b'], pattern: '^.$', anyOf: [{ minLength: 1 }] },
      list: { type: 'array', nullable: true, items: { type: 'string' } },
    },
    required: ['maybe', 'mode'],
  };

  it('says everything in version 3', () => {
    const { properties, ...rest } = publish(schema, 'v3')[name];
    expect(rest).toMatchObject({
      description: 'a foo',
      'x-kubernetes-group-version-kind': [{ group: 'stable.example.com', version: 'v1', kind: 'Foo' }],
    });
    expect(properties.size).toEqual({ type: 'integer', minimum: 1, default: 1 });
    expect(properties.port).toMatchObject({ anyOf: [{ type: 'integer' }, { type: 'string' }] });
    expect(properties.metadata.$ref).toContain('ObjectMeta');
    expect(properties.template.properties.metadata.$ref).toContain('ObjectMeta');
  });

  it('leaves open in version 2 what that cannot say', () => {
    const { properties, required } = publish(schema, 'v2')[name];
    expect(properties.port).toEqual({ description: 'where', 'x-kubernetes-int-or-string': true });
    expect(properties.maybe).toEqual({});
    expect(properties.list).toEqual({});
    expect(properties.free).toEqual({ 'x-kubernetes-preserve-unknown-fields': true });
    expect(required).toEqual(['mode']);
  });

  it('restricts values in version 2, but for junctors', () => {
    const { properties } = publish(schema, 'v2')[name];
    expect(properties.size).toEqual({ type: 'integer', minimum: 1, default: 1 });
    expect(properties.mode).toEqual({ type: 'string', enum: ['a', 'b'], pattern: '^.$' });
    expect(properties.template.properties.metadata.$ref).toContain('ObjectMeta');
  });

  it('says nothing of objects that may hold anything', () => {
    expect(publish(undefined, 'v3')[name]).not.toHaveProperty('properties');
    const open: JsonSchema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
    expect(publish(open, 'v2')[name]).not.toHaveProperty('properties');
  });

  it('has a list', () => {
    expect(publish(schema, 'v3')[`${name}List`]).toMatchObject({
      description: 'FooList is a list of Foo',
      required: ['items'],
      'x-kubernetes-group-version-kind': [{ group: 'stable.example.com', version: 'v1', kind: 'FooList' }],
    });
  });
});

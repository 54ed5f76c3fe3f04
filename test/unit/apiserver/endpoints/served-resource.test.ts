import { configMaps } from '../../../../api/core/v1/configmap';
import { defineResource, type ResourceDefinition } from '../../../../api/meta/resource-definition';
import { buildOpenApiV3 } from '../../../../apiserver/endpoints/openapi/documents';
import { createResourceTable } from '../../../../apiserver/endpoints/served-resource';

const kind = (group: string, version: string, name: string, plural: string): ResourceDefinition =>
  defineResource({
    group,
    version,
    kind: name,
    names: { plural, singular: name.toLowerCase() },
    scope: 'Namespaced',
    schema: `${group}.${version}.${name}`,
    custom: {
      storageVersion: version,
      checkBody: () => ({ typeErrors: [], unknownFields: [] }),
      openApi: () => ({ [`${group}.${version}.${name}`]: { type: 'object' } }),
      warnings: [],
    },
  });
const foosV1 = kind('example.com', 'v1', 'Foo', 'foos');
const foosV2 = kind('example.com', 'v2', 'Foo', 'foos');

describe('the table of resources', () => {
  it('serves what comes, in all its versions, until it goes', () => {
    const table = createResourceTable([configMaps]);
    table.serve('foos.example.com', [foosV1, foosV2]);
    expect(table.find('example.com', 'v2', 'foos')?.definition).toBe(foosV2);
    expect(table.findKind('example.com/v1', 'Foo')?.definition).toBe(foosV1);
    const before = table.definitions();
    expect(table.definitions()).toBe(before);
    table.serve('foos.example.com', [foosV2]);
    expect(table.find('example.com', 'v1', 'foos')).toBeUndefined();
    expect([table.hasGroupVersion('example.com', 'v1'), table.hasGroupVersion('example.com', 'v2')]).toEqual([
      false,
      true,
    ]);
    expect(table.definitions()).not.toBe(before);
    table.serve('foos.example.com', []);
    expect(table.definitions()).toEqual([configMaps]);
    expect(table.hasGroupVersion('example.com', 'v2')).toBe(false);
  });

  it('lets nothing replace what is there', () => {
    const table = createResourceTable([configMaps]);
    table.serve('configmaps.', [kind('', 'v1', 'ConfigMap', 'configmaps')]);
    expect(table.find('', 'v1', 'configmaps')?.definition).toBe(configMaps);
    table.serve('configmaps.', []);
    expect(table.find('', 'v1', 'configmaps')?.definition).toBe(configMaps);
    expect([table.isBuiltIn('', 'configmaps'), table.isBuiltIn('', 'foos')]).toEqual([true, false]);
  });

  it('lists custom groups by name, whatever came first', () => {
    const table = createResourceTable([configMaps]);
    table.serve('b', [kind('b.example.com', 'v1', 'B', 'bs')]);
    table.serve('a', [kind('a.example.com', 'v1', 'A', 'as')]);
    expect(table.definitions().map(({ group }) => group)).toEqual(['', 'a.example.com', 'b.example.com']);
  });
});

it('keeps the OpenAPI documents of the versions whose kinds stay the same', () => {
  const table = createResourceTable([configMaps]);
  table.serve('foos.example.com', [foosV1]);
  const first = buildOpenApiV3(table.definitions());
  table.serve('bars.example.net', [kind('example.net', 'v1', 'Bar', 'bars')]);
  const second = buildOpenApiV3(table.definitions(), first);
  expect(second.document('api/v1')).toBe(first.document('api/v1'));
  expect(second.document('apis/example.com/v1')).toBe(first.document('apis/example.com/v1'));
  expect(first.document('apis/example.net/v1')).toBeUndefined();
  expect(second.document('apis/example.net/v1')).toBeDefined();
  table.serve('foos.example.com', [kind('example.com', 'v1', 'Foo', 'foos')]);
  expect(buildOpenApiV3(table.definitions(), second).document('apis/example.com/v1')).not.toBe(
    second.document('apis/example.com/v1'),
  );
});

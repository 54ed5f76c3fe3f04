import { columnsOfVersion } from '../../../../apiserver/apiextensions/columns';
import { JsonPathError, parseJsonPath } from '../../../../apiserver/apiextensions/json-path';

const object = {
  metadata: { name: 'web', creationTimestamp: '2024-01-01T00:00:00Z', annotations: { 'a.b/c': 'x' } },
  spec: { replicas: 3, ratio: 0.5, on: true, hosts: ['a', 'b', 'c'], 'odd name': 'y', empty: null },
  status: {
    conditions: [
      { type: 'Ready', status: 'True', n: 1 },
      { type: 'Other', status: 'False', n: 2 },
    ],
  },
};

describe('parseJsonPath', () => {
  it.each<[string, unknown[]]>([
    ['.spec.replicas', [3]],
    ['.metadata.annotations.a\\.b/c', ['x']],
    [".metadata.annotations['a.b/c']", ['x']],
    ['.spec["odd name"]', ['y']],
    ['.spec.hosts[0]', ['a']],
    ['.spec.hosts[-1]', ['c']],
    ['.spec.hosts[1:]', ['b', 'c']],
    ['.spec.hosts[::2]', ['a', 'c']],
    ['.spec.hosts[0,2]', ['a', 'c']],
    ['.spec.hosts[*]', ['a', 'b', 'c']],
    ['.spec.hosts.*', ['a', 'b', 'c']],
    ['.status.conditions[?(@.type=="Ready")].status', ['True']],
    [".status.conditions[?(@.type == 'Other')].status", ['False']],
    ['.status.conditions[?(@.n > 1)].type', ['Other']],
    ['.status.conditions[?(@.none)].type', []],
    ['.spec.none.deeper', []],
    ['.spec.hosts[7]', []],
    ['.constructor', []],
  ])('%s', (path, values) => {
    expect(parseJsonPath(path).find(object)).toEqual(values);
  });

  it.each(['.spec..replicas', '.spec[', '.spec[?(@.a==)]', 'spec', '.spec.hosts[a]'])('refuses %s', (path) => {
    expect(() => parseJsonPath(path)).toThrow(JsonPathError);
  });
});

describe('columnsOfVersion', () => {
  const cell = (type: string, jsonPath: string): unknown =>
    columnsOfVersion([{ name: 'X', type, jsonPath }])[1]!.value(object, Date.parse('2024-01-03T00:00:00Z'));

  it.each<[string, string, unknown]>([
    ['integer', '.spec.replicas', 3],
    ['integer', '.spec.ratio', 0],
    ['integer', '.spec.on', null],
    ['number', '.spec.ratio', 0.5],
    ['boolean', '.spec.on', true],
    ['boolean', '.spec.replicas', null],
    ['string', '.spec.replicas', '3'],
    ['string', '.spec.hosts', '["a","b","c"]'],
    ['string', '.spec.none', null],
    ['date', '.metadata.creationTimestamp', '2d'],
    ['date', '.metadata.name', '<invalid>'],
    ['date', '.spec.none', null],
  ])('%s of %s', (type, path, value) => {
    expect(cell(type, path)).toBe(value);
  });

  it('has the age where the version says nothing', () => {
    expect(columnsOfVersion(undefined).map(({ name, type }) => [name, type])).toEqual([
      ['Name', 'string'],
      ['Age', 'date'],
    ]);
  });
});

import { controllerRevisions } from '../../../../../api/apps/v1/controllerrevision';
import { cellsOf, createErrors, updateErrors } from '../../../../support/kinds';

it.each<[string, object, string[]]>([
  ['an object', { data: { spec: {} }, revision: 1 }, []],
  ['no data', { revision: 1 }, ['data: Required value: data is mandatory']],
  ['a list', { data: [], revision: 1 }, ['data: Required value: data must be a valid JSON object']],
  [
    'a negative revision',
    { data: {}, revision: -1 },
    ['revision: Invalid value: -1: must be greater than or equal to 0'],
  ],
])('validates %s', (_, object, expected) => {
  expect(createErrors(controllerRevisions, object)).toEqual(expected);
});

it('never changes its data', () => {
  const object = { data: { a: 1 }, revision: 1 };
  expect(updateErrors(controllerRevisions, object, (changed) => (changed.revision = 2))).toEqual([]);
  expect(updateErrors(controllerRevisions, object, (changed) => (changed.data.a = 2))).toEqual([
    'data: Invalid value: {"a":2}: field is immutable',
  ]);
});

it('names its controller by kind and group', () => {
  const owner = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'web', uid: 'u', controller: true };
  const object = { metadata: { name: 'web-1', ownerReferences: [owner] }, revision: 3 };
  expect(cellsOf(controllerRevisions, object)).toMatchObject({ Controller: 'statefulset.apps/web', Revision: 3 });
  expect(cellsOf(controllerRevisions, { metadata: { name: 'a' } })).toMatchObject({
    Controller: '<none>',
    Revision: 0,
  });
});

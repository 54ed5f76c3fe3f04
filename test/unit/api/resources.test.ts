import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { columnsOf } from '../../../api/meta/columns';
import { formatFieldError } from '../../../api/meta/field-error';
import type { KubeObject } from '../../../api/meta/types';
import { groupOrder, resources } from '../../../api/resources';

const folder = join(__dirname, '../../fixtures');
const read = (plural: string): KubeObject => parse(readFileSync(join(folder, `${plural}.yaml`), 'utf8')) as KubeObject;

describe('the list of kinds', () => {
  it('has one sample manifest per kind', () => {
    const plurals = resources.map(({ names }) => `${names.plural}.yaml`);
    expect(readdirSync(folder).sort()).toEqual(plurals.sort());
  });

  it('is in discovery order', () => {
    const positions = resources.map(({ group }) => groupOrder.indexOf(group));
    expect(positions).toEqual([...positions].sort((a, b) => a - b));
    for (const group of groupOrder) {
      const names = resources.filter((resource) => resource.group === group).map(({ names: { plural } }) => plural);
      expect(names).toEqual([...names].sort());
    }
  });

  it.each(resources.map((definition) => [definition.names.plural, definition] as const))(
    'accepts the sample of %s',
    (plural, definition) => {
      const object = read(plural);
      expect(object).toMatchObject({ apiVersion: definition.apiVersion, kind: definition.kind });
      definition.defaults?.(object);
      const once = JSON.stringify(object);
      definition.defaults?.(object);
      expect(JSON.stringify(object)).toBe(once);
      object.metadata = { ...object.metadata, uid: 'a-uid' };
      definition.prepareForCreate?.(object);
      expect((definition.validate?.(object) ?? []).map((error) => formatFieldError(error))).toEqual([]);
      for (const column of columnsOf(definition)) expect(column.value(object, Date.now())).not.toBeUndefined();
      const old = JSON.parse(JSON.stringify(object)) as KubeObject;
      definition.prepareForUpdate?.(object, old);
      expect((definition.validateUpdate?.(object, old) ?? []).map((error) => formatFieldError(error))).toEqual([]);
    },
  );
});

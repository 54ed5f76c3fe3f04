/** The types that expressions of mutating policies build: `Object{…}` in the shape of the object, and `JSONPatch{…}`. */
import { declare, functionTable, type FunctionTable } from './functions';
import { libraries } from './library';
import { type FieldType, type ObjectType, types } from './types';
import { BuiltStruct, type CelValue, isList, isMap } from './values';

/** Any field, of any type: what fits the object is found out when the patch is applied. */
class AnyFields extends Map<string, FieldType> {
  override get(jsonName: string): FieldType {
    return { type: types.dyn, jsonName };
  }
}

const root = 'Object';

const jsonPatch: ObjectType = types.object('JSONPatch', {
  op: types.string,
  path: types.string,
  from: types.string,
  value: types.dyn,
});

export const applyConfigurationType: ObjectType = { kind: 'object', name: root, fields: new AnyFields() };
export const jsonPatchType = types.list(jsonPatch);

/** `Object`, `Object.spec.template` and so on, and `JSONPatch`. */
export function mutationStructs(name: string): ObjectType | undefined {
  if (name === jsonPatch.name) return jsonPatch;
  if (name === root) return applyConfigurationType;
  return name.startsWith(`${root}.`) ? { kind: 'object', name, fields: new AnyFields() } : undefined;
}

export const mutationFunctions: FunctionTable = functionTable(
  ...libraries,
  declare({
    'jsonpatch.escapeKey(string): string': ([key], meter) => {
      meter.spend(Math.ceil(key.length / 10));
      return key.replaceAll('~', '~0').replaceAll('/', '~1');
    },
  }),
);

/** A message whose type does not say where it stands; undefined when all do. Upstream's check of type names. */
export function misplacedType(value: CelValue, expected: string): string | undefined {
  if (value instanceof BuiltStruct) {
    if (value.typeName !== expected) {
      return `unexpected type name "${value.typeName}", expected "${expected}", which matches field name path from root Object type`;
    }
    for (const [field, member] of value.fields) {
      const problem = misplacedType(member, `${expected}.${field}`);
      if (problem) return problem;
    }
  } else if (isList(value)) {
    for (let i = 0; i < value.size; i++) {
      const problem = misplacedType(value.at(i), expected);
      if (problem) return problem;
    }
  } else if (isMap(value)) {
    for (const key of value.keys()) {
      const problem = misplacedType(value.get(key)!, expected);
      if (problem) return problem;
    }
  }
  return undefined;
}

/** The types of loops: what their variables stand for, and what they give. */
import type { ComprehensionMacro } from './ast';
import { type CelType, types } from './types';

/** What the variables stand for in turn; undefined for a range that cannot be looped over. */
export function variableTypes(range: CelType, variables: readonly string[]): CelType[] | undefined {
  const both = variables.length > 1;
  switch (range.kind) {
    case 'list':
      return both ? [types.int, range.element] : [range.element];
    case 'map':
      return both ? [range.key, range.value] : [range.key];
    case 'dyn':
      return variables.map(() => types.dyn);
    default:
      return undefined;
  }
}

/** The operator that a loop stands for in cel-go, by which messages call it; undefined where the body may be of any type. */
export const operatorOf: Readonly<Partial<Record<ComprehensionMacro, string>>> = {
  all: '_&&_',
  exists: '_||_',
  existsOne: '_?_:_',
  filter: '_?_:_',
};

/** What a loop over `range` gives, from what its body gives. */
export function resultType(macro: ComprehensionMacro, range: CelType, body: CelType): CelType {
  const maxSize = 'maxSize' in range ? range.maxSize : undefined;
  switch (macro) {
    case 'all':
    case 'exists':
    case 'existsOne':
      return types.bool;
    case 'filter':
      return types.list(range.kind === 'list' ? range.element : range.kind === 'map' ? range.key : types.dyn, maxSize);
    case 'map':
    case 'transformList':
      return types.list(body, maxSize);
    case 'transformMap':
      return types.map(range.kind === 'list' ? types.int : range.kind === 'map' ? range.key : types.dyn, body);
    case 'transformMapEntry':
      return body.kind === 'map' ? body : types.map(types.dyn, types.dyn);
  }
}

/** Calls that are macros: their arguments are not evaluated before the call. */
import type { ComprehensionMacro, Expr } from './ast';

interface Problem {
  problem: string;
  at: number;
}

/** Which argument counts each macro takes; the last argument is the body. */
const oneVariable: Record<string, { macro: ComprehensionMacro; counts: number[] }> = {
  all: { macro: 'all', counts: [2] },
  exists: { macro: 'exists', counts: [2] },
  exists_one: { macro: 'existsOne', counts: [2] },
  existsOne: { macro: 'existsOne', counts: [2] },
  map: { macro: 'map', counts: [2, 3] },
  filter: { macro: 'filter', counts: [2] },
};
const twoVariables: Record<string, { macro: ComprehensionMacro; counts: number[] }> = {
  all: { macro: 'all', counts: [3] },
  exists: { macro: 'exists', counts: [3] },
  exists_one: { macro: 'existsOne', counts: [3] },
  existsOne: { macro: 'existsOne', counts: [3] },
  transformList: { macro: 'transformList', counts: [3, 4] },
  transformMap: { macro: 'transformMap', counts: [3, 4] },
  transformMapEntry: { macro: 'transformMapEntry', counts: [3, 4] },
};

/** The node that a macro stands for; undefined when the call is none. */
export function expandMacro(
  name: string,
  target: Expr | undefined,
  args: Expr[],
  at: number,
): Expr | Problem | undefined {
  if (name === 'has' && !target && args.length === 1) {
    const [select] = args as [Expr];
    if (select.kind !== 'select' || select.mode !== 'value') {
      return { problem: 'invalid argument to has() macro', at: select.at };
    }
    return { ...select, mode: 'test', at };
  }
  if (!target) return undefined;
  if ((name === 'optMap' || name === 'optFlatMap') && args.length === 2) {
    const [variable, body] = args as [Expr, Expr];
    if (variable.kind !== 'ident')
      return { problem: `${name}() variable name must be a simple identifier`, at: variable.at };
    return { kind: 'optionalMap', operand: target, variable: variable.name, body, flat: name === 'optFlatMap', at };
  }
  for (const [table, variableCount] of [
    [oneVariable, 1],
    [twoVariables, 2],
  ] as const) {
    const found = Object.hasOwn(table, name) ? table[name] : undefined;
    if (!found?.counts.includes(args.length)) continue;
    const variables: string[] = [];
    for (const variable of args.slice(0, variableCount)) {
      if (variable.kind !== 'ident') return { problem: 'argument must be a simple name', at: variable.at };
      if (variables.includes(variable.name)) return { problem: 'duplicate variable names', at: variable.at };
      variables.push(variable.name);
    }
    const filter = args.length === found.counts[1] ? args[variableCount] : undefined;
    return {
      kind: 'comprehension',
      macro: found.macro,
      range: target,
      variables,
      ...(filter && { filter }),
      body: args.at(-1)!,
      at,
    };
  }
  return undefined;
}

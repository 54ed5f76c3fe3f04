/** The tree of an expression after parsing. Macros are nodes of their own; operators are calls under cel-go's names. */
import type { CelType } from './types';
import type { CelValue } from './values';

interface At {
  /** Where messages about the node point, as an offset into the source. */
  readonly at: number;
}

export interface Entry {
  key: Expr;
  value: Expr;
  /** `?key: value`: left out when the value is an empty optional. */
  optional: boolean;
}

export interface FieldInit {
  name: string;
  at: number;
  value: Expr;
  optional: boolean;
}

export type Literal = At & { kind: 'literal'; value: CelValue };
export type Ident = At & { kind: 'ident'; name: string };
/** `a.b`, `a.?b`, and `has(a.b)`. */
export type Select = At & { kind: 'select'; operand: Expr; field: string; mode: 'value' | 'optional' | 'test' };
export type Call = At & { kind: 'call'; name: string; target?: Expr; args: Expr[] };
export type ListLiteral = At & { kind: 'list'; elements: { value: Expr; optional: boolean }[] };
export type MapLiteral = At & { kind: 'map'; entries: Entry[] };
export type StructLiteral = At & { kind: 'struct'; type: string; fields: FieldInit[] };

export type ComprehensionMacro =
  'all' | 'exists' | 'existsOne' | 'map' | 'filter' | 'transformList' | 'transformMap' | 'transformMapEntry';

/** `range.macro(v, body)`, with two variables `range.macro(i, v, body)`; map and the transforms may filter first. */
export type Comprehension = At & {
  kind: 'comprehension';
  macro: ComprehensionMacro;
  range: Expr;
  variables: string[];
  filter?: Expr;
  body: Expr;
};

/** `opt.optMap(v, body)` and `opt.optFlatMap(v, body)`. */
export type OptionalMap = At & { kind: 'optionalMap'; operand: Expr; variable: string; body: Expr; flat: boolean };

export type Expr =
  Literal | Ident | Select | Call | ListLiteral | MapLiteral | StructLiteral | Comprehension | OptionalMap;

/** What the type check found out about each node. */
export interface CheckedTypes {
  typeOf(expr: Expr): CelType;
}

/** What compiled expressions run on. */
import type { Expr } from './ast';
import type { Meter } from './budget';
import type { Checked } from './checker';
import type { CelValue } from './values';

/** One evaluation. */
export interface Frame {
  meter: Meter;
  /** Variables of the activation, by position. */
  globals: (() => CelValue)[];
  /** Variables of comprehensions, by depth. */
  locals: CelValue[];
}

/** Throws Failure and CostExceeded. */
export type Eval = (frame: Frame) => CelValue;

/** Where the variables of the enclosing comprehensions are in the frame. */
export type Slots = ReadonlyMap<string, number>;

export interface Compilation {
  checked: Checked;
  /** Position of each variable of the activation. */
  globals: ReadonlyMap<string, number>;
  compile(expr: Expr, slots: Slots): Eval;
}

/**
 * Turns a checked expression into closures. Evaluation is one synchronous run that spends from its meter at every step, so
 * its length is bounded by its budget.
 */
import type { Call, Expr, Select } from './ast';
import type { Checked } from './checker';
import { dispatch } from './dispatch';
import { compileList, compileMap, compileStruct } from './literals';
import { compileComprehension, compileOptionalMap } from './comprehensions';
import { absorbCost, Failure, noSuchKey, noSuchOverload } from './errors';
import { contains, equals } from './equality';
import type { Compilation, Eval, Frame, Slots } from './frame';
import { CelOptional, CelTypeValue, CelUint, type CelValue, isList, isMap, isStruct, mapKey } from './values';

export function compileProgram(expr: Expr, checked: Checked, globals: ReadonlyMap<string, number>): Eval {
  const context: Compilation = { checked, globals, compile: (part, slots) => compileExpr(part, context, slots) };
  return context.compile(expr, new Map());
}

function compileExpr(expr: Expr, context: Compilation, slots: Slots): Eval {
  switch (expr.kind) {
    case 'literal':
      return () => expr.value;
    case 'ident':
      return compileIdent(expr.name, expr, context, slots);
    case 'select':
      return compileSelect(expr, context, slots);
    case 'call':
      return compileCall(expr, context, slots);
    case 'list':
      return compileList(expr, context, slots);
    case 'map':
      return compileMap(expr, context, slots);
    case 'struct':
      return compileStruct(expr, context, slots);
    case 'comprehension':
      return compileComprehension(expr, context, slots);
    case 'optionalMap':
      return compileOptionalMap(expr, context, slots);
  }
}

function compileIdent(name: string, expr: Expr, { checked, globals }: Compilation, slots: Slots): Eval {
  const slot = slots.get(name);
  if (slot !== undefined) {
    return ({ meter, locals }) => {
      meter.spend(1);
      return locals[slot]!;
    };
  }
  const typeName = checked.typeNameOf(expr);
  if (typeName) return () => new CelTypeValue(typeName);
  const position = globals.get(name)!;
  return (frame) => {
    frame.meter.spend(1);
    return frame.globals[position]!();
  };
}

/** The member of a map or object; undefined when it is missing. */
function member(value: CelValue, name: string): CelValue | undefined {
  if (isMap(value)) return value.get(name);
  if (isStruct(value)) return value.field(name);
  throw noSuchOverload();
}

function compileSelect(expr: Select, context: Compilation, slots: Slots): Eval {
  const typeName = context.checked.typeNameOf(expr);
  if (typeName) return () => new CelTypeValue(typeName);
  const variable = context.checked.variableOf(expr);
  if (variable) return compileIdent(variable, expr, context, slots);
  const operand = compileExpr(expr.operand, context, slots);
  const { field, mode } = expr;
  return (frame) => {
    const base = operand(frame);
    frame.meter.spend(1);
    const wrapped = base instanceof CelOptional;
    if (wrapped && !base.present) return mode === 'test' ? false : CelOptional.none;
    const found = member(wrapped ? base.value : base, field);
    if (mode === 'test') return found !== undefined;
    if (wrapped || mode === 'optional') return found === undefined ? CelOptional.none : CelOptional.of(found);
    if (found === undefined) throw noSuchKey(field);
    return found;
  };
}

const asBool = (value: CelValue): boolean => {
  if (typeof value !== 'boolean') throw noSuchOverload();
  return value;
};

/** `decisive || anything` is decisive, whatever the other side fails with. */
function shortCircuit(left: Eval, right: Eval, decisive: boolean): Eval {
  return (frame) => {
    try {
      if (asBool(left(frame)) === decisive) return decisive;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      frame.meter.spend(absorbCost);
      return despite(error, right, frame, decisive);
    }
    return asBool(right(frame));
  };
}

/** The left side failed: only a decisive right side counts, else it is the first failure that is told. */
function despite(failure: Failure, right: Eval, frame: Frame, decisive: boolean): boolean {
  try {
    if (asBool(right(frame)) === decisive) return decisive;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
  }
  throw failure;
}

function compileCall(expr: Call, context: Compilation, slots: Slots): Eval {
  const withTarget = expr.target && !context.checked.isQualified(expr) ? [expr.target, ...expr.args] : expr.args;
  const args = withTarget.map((arg) => compileExpr(arg, context, slots));
  const [first, second, third] = args as [Eval, Eval, Eval];
  switch (expr.name) {
    case '_&&_':
      return shortCircuit(first, second, false);
    case '_||_':
      return shortCircuit(first, second, true);
    case '_?_:_':
      return (frame) => (asBool(first(frame)) ? second(frame) : third(frame));
    case '_==_':
    case '_!=_': {
      const wanted = expr.name === '_==_';
      return (frame) => {
        const [a, b] = [first(frame), second(frame)];
        frame.meter.spend(1);
        return equals(a, b, frame.meter) === wanted;
      };
    }
    case '@in':
      return compileIn(first, second);
    case '_[_]':
      return compileIndex(first, second, false);
    case '_[?_]':
      return compileIndex(first, second, true);
    default:
      return dispatch(args, context.checked.overloadsOf(expr));
  }
}

function compileIn(element: Eval, range: Eval): Eval {
  return (frame) => {
    const [wanted, container] = [element(frame), range(frame)];
    frame.meter.spend(1);
    if (isList(container)) return contains(container, wanted, frame.meter);
    if (isMap(container)) return container.get(wanted) !== undefined;
    throw noSuchOverload();
  };
}

/** The element or entry; undefined when it is missing. */
function elementAt(container: CelValue, index: CelValue): CelValue | undefined {
  if (isMap(container)) {
    if (mapKey(index) === undefined && typeof index !== 'number') throw noSuchOverload();
    return container.get(index);
  }
  if (!isList(container)) throw noSuchOverload();
  const position =
    index instanceof CelUint
      ? Number(index.value)
      : typeof index === 'bigint' || typeof index === 'number'
        ? Number(index)
        : NaN;
  if (!Number.isInteger(position)) throw new Failure(`unsupported index type '${typeof index}' in list`);
  return position >= 0 && position < container.size ? container.at(position) : undefined;
}

function compileIndex(operand: Eval, index: Eval, optional: boolean): Eval {
  return (frame) => {
    const [base, key] = [operand(frame), index(frame)];
    frame.meter.spend(1);
    const wrapped = base instanceof CelOptional;
    if (wrapped && !base.present) return CelOptional.none;
    const container = wrapped ? base.value : base;
    const found = elementAt(container, key);
    if (wrapped || optional) return found === undefined ? CelOptional.none : CelOptional.of(found);
    if (found !== undefined) return found;
    const shown = key instanceof CelUint ? key.value : key;
    throw isList(container) ? new Failure(`index out of bounds: ${String(shown)}`) : noSuchKey(shown);
  };
}

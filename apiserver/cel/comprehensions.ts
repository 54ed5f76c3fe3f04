/** The loops: every turn is paid for, and what a list or map grows by as well. */
import type { Comprehension, OptionalMap } from './ast';
import { absorbCost, Failure, noSuchOverload } from './errors';
import type { Compilation, Eval, Frame, Slots } from './frame';
import { ArrayList, CelOptional, type CelValue, EntryMap, isList, isMap, mapKey } from './values';

/** What cel-go's loop costs beside the body: condition, accumulator, step. */
const turnCost = 3;
/** And with a list of one added to the accumulator. */
const appendCost = 12;

/** Calls back for each element with the variables set; stops when told `false`. */
type Walk = (frame: Frame, turn: (first: CelValue) => boolean | void) => void;

export function compileComprehension(expr: Comprehension, context: Compilation, slots: Slots): Eval {
  const range = context.compile(expr.range, slots);
  const inner = new Map(slots);
  const positions = expr.variables.map((name) => {
    const slot = nextSlot(inner);
    inner.set(name, slot);
    return slot;
  });
  const body = context.compile(expr.body, inner);
  const filter = expr.filter && context.compile(expr.filter, inner);
  const walk = walkOver(range, positions);
  const passes = (frame: Frame): boolean => !filter || asBool(filter(frame));

  switch (expr.macro) {
    case 'all':
      return quantifier(walk, body, false);
    case 'exists':
      return quantifier(walk, body, true);
    case 'existsOne':
      return (frame) => {
        let count = 0;
        walk(frame, () => void (asBool(body(frame)) && count++));
        return count === 1;
      };
    case 'filter':
      return collect(walk, (frame, first, items) => asBool(body(frame)) && items.push(first));
    case 'map':
    case 'transformList':
      return collect(walk, (frame, _first, items) => passes(frame) && items.push(body(frame)));
    case 'transformMap':
      return build(walk, (frame, first, map) => passes(frame) && insert(map, first, body(frame)));
    case 'transformMapEntry':
      return build(walk, (frame, _first, map) => {
        if (!passes(frame)) return;
        const entries = body(frame);
        if (!isMap(entries)) throw noSuchOverload();
        for (const key of entries.keys()) insert(map, key, entries.get(key)!);
      });
  }
}

/** Slots are given by depth: sibling loops use the same ones, and a name that hides another gets one of its own. */
const nextSlot = (slots: Slots): number => Math.max(-1, ...slots.values()) + 1;

const asBool = (value: CelValue): boolean => {
  if (typeof value !== 'boolean') throw noSuchOverload();
  return value;
};

function walkOver(range: Eval, [first, second]: number[]): Walk {
  return (frame, turn) => {
    const over = range(frame);
    const { locals, meter } = frame;
    if (isList(over)) {
      for (let i = 0; i < over.size; i++) {
        meter.spend(turnCost);
        const variable = second === undefined ? over.at(i) : BigInt(i);
        locals[first!] = variable;
        if (second !== undefined) locals[second] = over.at(i);
        if (turn(variable) === false) return;
      }
    } else if (isMap(over)) {
      meter.spend(Math.ceil(over.size / 10));
      for (const key of over.keys()) {
        meter.spend(turnCost);
        locals[first!] = key;
        if (second !== undefined) locals[second] = over.get(key)!;
        if (turn(key) === false) return;
      }
    } else throw noSuchOverload();
  };
}

/** `all` and `exists` absorb failures while another element can still decide. */
function quantifier(walk: Walk, body: Eval, decisive: boolean): Eval {
  return (frame) => {
    let failure: Failure | undefined;
    let result = !decisive;
    walk(frame, () => {
      try {
        if (asBool(body(frame)) !== decisive) return true;
        result = decisive;
        return false;
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        frame.meter.spend(absorbCost);
        failure ??= error;
        return true;
      }
    });
    if (result !== decisive && failure) throw failure;
    return result;
  };
}

function collect(walk: Walk, turn: (frame: Frame, first: CelValue, items: CelValue[]) => unknown): Eval {
  return (frame) => {
    const items: CelValue[] = [];
    walk(frame, (first) => {
      const before = items.length;
      turn(frame, first, items);
      if (items.length > before) frame.meter.spend(appendCost);
    });
    return new ArrayList(items);
  };
}

function build(walk: Walk, turn: (frame: Frame, first: CelValue, map: EntryMap) => unknown): Eval {
  return (frame) => {
    frame.meter.spend(30);
    const map = new EntryMap();
    walk(frame, (first) => {
      const before = map.size;
      turn(frame, first, map);
      frame.meter.spend(appendCost * (map.size - before));
    });
    return map;
  };
}

function insert(map: EntryMap, key: CelValue, value: CelValue): void {
  if (mapKey(key) === undefined) throw new Failure('unsupported key type');
  if (!map.add(key, value)) throw new Failure(`insert failed: key ${String(key)} already exists`);
}

export function compileOptionalMap(expr: OptionalMap, context: Compilation, slots: Slots): Eval {
  const operand = context.compile(expr.operand, slots);
  const inner = new Map(slots);
  const slot = nextSlot(inner);
  inner.set(expr.variable, slot);
  const body = context.compile(expr.body, inner);
  return (frame) => {
    const value = operand(frame);
    frame.meter.spend(turnCost);
    if (!(value instanceof CelOptional)) throw noSuchOverload();
    if (!value.present) return CelOptional.none;
    frame.locals[slot] = value.value;
    const result = body(frame);
    return expr.flat ? result : CelOptional.of(result);
  };
}

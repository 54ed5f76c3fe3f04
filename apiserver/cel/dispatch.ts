/** Calls of functions: the overload is chosen by the values that the arguments turn out to be. */
import { noSuchOverload } from './errors';
import type { Eval } from './frame';
import type { Overload } from './functions';
import type { CelType } from './types';
import {
  CelDuration,
  CelOpaque,
  CelOptional,
  CelTimestamp,
  CelTypeValue,
  CelUint,
  type CelValue,
  isList,
  isMap,
  isStruct,
} from './values';

/** Picks the overload by the values: several fit a dyn argument until it is known. */
export function dispatch(args: Eval[], overloads: readonly Overload[]): Eval {
  const [only] = overloads;
  if (only && overloads.length === 1 && args.length === 2) return callBinary(only, args[0]!, args[1]!);
  return (frame) => {
    const values = args.map((arg) => arg(frame));
    frame.meter.spend(1);
    for (const overload of overloads) {
      if (overload.params.every((param, i) => fits(values[i]!, param))) return overload.run(values, frame.meter);
    }
    throw noSuchOverload();
  };
}

/** Operators, mostly: what loops do most. */
function callBinary({ params, run }: Overload, left: Eval, right: Eval): Eval {
  const [first, second] = params as [CelType, CelType];
  return (frame) => {
    const a = left(frame);
    const b = right(frame);
    frame.meter.spend(1);
    if (!fits(a, first) || !fits(b, second)) throw noSuchOverload();
    return run([a, b], frame.meter);
  };
}

/** True if a value is of a type, as far as choosing an overload needs to know. */
function fits(value: CelValue, type: CelType): boolean {
  switch (type.kind) {
    case 'dyn':
    case 'param':
      return true;
    case 'int':
      return typeof value === 'bigint';
    case 'double':
      return typeof value === 'number';
    case 'string':
      return typeof value === 'string';
    case 'bool':
      return typeof value === 'boolean';
    case 'null':
      return value === null;
    case 'uint':
      return value instanceof CelUint;
    case 'bytes':
      return value instanceof Uint8Array;
    case 'timestamp':
      return value instanceof CelTimestamp;
    case 'duration':
      return value instanceof CelDuration;
    case 'type':
      return value instanceof CelTypeValue;
    case 'optional':
      return value instanceof CelOptional;
    case 'opaque':
      return value instanceof CelOpaque && value.typeName === type.name;
    case 'list':
      return isList(value);
    case 'map':
      return isMap(value);
    case 'object':
      return isStruct(value);
  }
}

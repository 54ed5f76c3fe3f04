/** Arithmetic and order, and the operators that the evaluator knows itself. */
import type { Meter } from '../budget';
import { compare } from '../equality';
import { Failure } from '../errors';
import { declare } from '../functions';
import { ArrayList, type CelList, type CelValue } from '../values';
import { checkInt, checkUint, durationOf, timestampOf, traverse } from './ranges';

const divisor = (value: bigint, what: string): bigint => {
  if (value === 0n) throw new Failure(what);
  return value;
};

const joined = (a: string, b: string, meter: Meter): string => {
  traverse(meter, a.length + b.length);
  return a + b;
};

function concatLists(a: CelList, b: CelList, meter: Meter): CelList {
  // cel-go asks one step for it; copying is not that cheap when lists grow by doubling.
  meter.spend(a.size + b.size);
  const items: CelValue[] = [];
  for (const list of [a, b]) for (let i = 0; i < list.size; i++) items.push(list.at(i));
  return new ArrayList(items);
}

export const arithmetic = declare({
  '_+_(int, int): int': ([a, b]) => checkInt((a as bigint) + b),
  '_+_(uint, uint): uint': ([a, b]) => checkUint((a.value as bigint) + b.value),
  '_+_(double, double): double': ([a, b]) => a + b,
  '_+_(string, string): string': ([a, b], meter) => joined(a, b, meter),
  '_+_(bytes, bytes): bytes': ([a, b], meter) => {
    traverse(meter, a.length + b.length);
    return Buffer.concat([a, b]);
  },
  '_+_(list<T>, list<T>): list<T>': ([a, b], meter) => concatLists(a, b, meter),
  '_+_(timestamp, duration): timestamp': ([a, b]) => timestampOf((a.nanos as bigint) + b.nanos),
  '_+_(duration, timestamp): timestamp': ([a, b]) => timestampOf((a.nanos as bigint) + b.nanos),
  '_+_(duration, duration): duration': ([a, b]) => durationOf((a.nanos as bigint) + b.nanos),
  '_-_(int, int): int': ([a, b]) => checkInt((a as bigint) - b),
  '_-_(uint, uint): uint': ([a, b]) => checkUint((a.value as bigint) - b.value),
  '_-_(double, double): double': ([a, b]) => a - b,
  '_-_(timestamp, timestamp): duration': ([a, b]) => durationOf((a.nanos as bigint) - b.nanos),
  '_-_(timestamp, duration): timestamp': ([a, b]) => timestampOf((a.nanos as bigint) - b.nanos),
  '_-_(duration, duration): duration': ([a, b]) => durationOf((a.nanos as bigint) - b.nanos),
  '_*_(int, int): int': ([a, b]) => checkInt((a as bigint) * b),
  '_*_(uint, uint): uint': ([a, b]) => checkUint((a.value as bigint) * b.value),
  '_*_(double, double): double': ([a, b]) => a * b,
  '_/_(int, int): int': ([a, b]) => checkInt((a as bigint) / divisor(b, 'division by zero')),
  '_/_(uint, uint): uint': ([a, b]) => checkUint((a.value as bigint) / divisor(b.value, 'division by zero')),
  '_/_(double, double): double': ([a, b]) => a / b,
  '_%_(int, int): int': ([a, b]) => a % divisor(b, 'modulus by zero'),
  '_%_(uint, uint): uint': ([a, b]) => checkUint((a.value as bigint) % divisor(b.value, 'modulus by zero')),
  '-_(int): int': ([a]) => checkInt(-(a as bigint)),
  '-_(double): double': ([a]) => -a,
  '!_(bool): bool': ([a]) => !a,
});

const ordered = ['bool', 'int', 'uint', 'double', 'string', 'bytes', 'timestamp', 'duration'].map((type) => [
  type,
  type,
]);
const crossType = [
  ['int', 'uint'],
  ['int', 'double'],
  ['uint', 'int'],
  ['uint', 'double'],
  ['double', 'int'],
  ['double', 'uint'],
];
const relations: Record<string, (order: number) => boolean> = {
  '_<_': (order) => order < 0,
  '_<=_': (order) => order <= 0,
  '_>_': (order) => order > 0,
  '_>=_': (order) => order >= 0,
};

export const ordering = declare(
  Object.fromEntries(
    Object.entries(relations).flatMap(([name, holds]) =>
      [...ordered, ...crossType].map(([a, b]) => [
        `${name}(${a}, ${b}): bool`,
        ([left, right]: any[], meter: Meter) => holds(compare(left, right, meter)),
      ]),
    ),
  ),
);

/** Evaluated by the evaluator itself; declared for the checker. */
const special = (): never => {
  throw new Failure('no such overload');
};
export const specials = declare({
  '_&&_(bool, bool): bool': special,
  '_||_(bool, bool): bool': special,
  '_?_:_(bool, T, T): T': special,
  '_==_(T, T): bool': special,
  '_!=_(T, T): bool': special,
  '@in(T, list<T>): bool': special,
  '@in(K, map<K, V>): bool': special,
  '_[_](list<T>, int): T': special,
  '_[_](map<K, V>, K): V': special,
  '_[_](optional<list<T>>, int): optional<T>': special,
  '_[_](optional<map<K, V>>, K): optional<V>': special,
  '_[?_](list<T>, int): optional<T>': special,
  '_[?_](map<K, V>, K): optional<V>': special,
  '_[?_](optional<list<T>>, int): optional<T>': special,
  '_[?_](optional<map<K, V>>, K): optional<V>': special,
});

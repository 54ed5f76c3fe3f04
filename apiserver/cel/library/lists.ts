/** Kubernetes' list library, and cel-go's sets. */
import type { Meter } from '../budget';
import { compare, contains, equals } from '../equality';
import { Failure } from '../errors';
import { declare } from '../functions';
import { type CelList, CelDuration, CelUint, type CelValue, ArrayList } from '../values';
import { checkInt } from './ranges';

const orderedTypes = ['int', 'uint', 'double', 'bool', 'string', 'bytes', 'timestamp', 'duration'];

function isSorted(list: CelList, meter: Meter): boolean {
  let before = list.size ? list.at(0) : null;
  for (let i = 1; i < list.size; i++) {
    meter.spend(2);
    const item = list.at(i);
    if (compare(before, item, meter) > 0) return false;
    before = item;
  }
  return true;
}

/** `sign` 1 finds the largest, -1 the smallest. */
function extreme(list: CelList, sign: 1 | -1, meter: Meter): CelValue {
  if (list.size === 0) throw new Failure(`${sign > 0 ? 'max' : 'min'} called on empty list`);
  let found = list.at(0);
  for (let i = 1; i < list.size; i++) {
    meter.spend(1);
    const item = list.at(i);
    if (compare(item, found, meter) * sign > 0) found = item;
  }
  return found;
}

const sums: Record<string, (list: CelList, meter: Meter) => CelValue> = {
  int: (list, meter) => checkInt(fold(list, meter, 0n, (total, item) => total + (item as bigint))),
  uint: (list, meter) => {
    const total = fold(list, meter, 0n, (before, item) => before + (item as CelUint).value);
    if (total >= 2n ** 64n) throw new Failure('return error for overflow');
    return new CelUint(total);
  },
  double: (list, meter) => fold(list, meter, 0, (total, item) => total + Number(item)),
  duration: (list, meter) =>
    new CelDuration(fold(list, meter, 0n, (total, item) => total + (item as CelDuration).nanos)),
};

function fold<S>(list: CelList, meter: Meter, start: S, step: (total: S, item: CelValue) => S): S {
  let total = start;
  for (let i = 0; i < list.size; i++) {
    meter.spend(1);
    total = step(total, list.at(i));
  }
  return total;
}

/** Lists of dyn are summed by their first element. */
function sum(list: CelList, meter: Meter): CelValue {
  const first = list.size ? list.at(0) : 0n;
  const kind =
    typeof first === 'bigint'
      ? 'int'
      : typeof first === 'number'
        ? 'double'
        : first instanceof CelUint
          ? 'uint'
          : first instanceof CelDuration
            ? 'duration'
            : undefined;
  if (!kind) throw new Failure('no such overload');
  for (let i = 1; i < list.size; i++) {
    const item = list.at(i);
    const same = typeof item === typeof first && (typeof item !== 'object' || item?.constructor === first?.constructor);
    if (!same) throw new Failure('no such overload');
  }
  return sums[kind]!(list, meter);
}

function indexOf(list: CelList, wanted: CelValue, last: boolean, meter: Meter): bigint {
  for (let n = 0; n < list.size; n++) {
    const i = last ? list.size - 1 - n : n;
    meter.spend(1);
    if (equals(list.at(i), wanted, meter)) return BigInt(i);
  }
  return -1n;
}

export const listsLibrary = declare({
  ...Object.fromEntries(
    orderedTypes.flatMap((type) => [
      [`list<${type}>.isSorted(): bool`, ([list]: any[], meter: Meter) => isSorted(list, meter)],
      [`list<${type}>.min(): ${type}`, ([list]: any[], meter: Meter) => extreme(list, -1, meter)],
      [`list<${type}>.max(): ${type}`, ([list]: any[], meter: Meter) => extreme(list, 1, meter)],
    ]),
  ),
  ...Object.fromEntries(
    Object.keys(sums).map((type) => [
      `list<${type}>.sum(): ${type}`,
      ([list]: any[], meter: Meter) => sum(list, meter),
    ]),
  ),
  'list<T>.indexOf(T): int': ([list, wanted], meter) => indexOf(list, wanted, false, meter),
  'list<T>.lastIndexOf(T): int': ([list, wanted], meter) => indexOf(list, wanted, true, meter),
  'list<T>.reverse(): list<T>': ([list], meter) => {
    meter.spend(Math.ceil(list.size / 10));
    return new ArrayList(Array.from({ length: list.size }, (_, i) => list.at(list.size - 1 - i)));
  },
});

const containsAll = (list: CelList, wanted: CelList, meter: Meter): boolean => {
  for (let i = 0; i < wanted.size; i++) if (!contains(list, wanted.at(i), meter)) return false;
  return true;
};

export const setsLibrary = declare({
  'sets.contains(list<T>, list<T>): bool': ([list, wanted], meter) => containsAll(list, wanted, meter),
  'sets.equivalent(list<T>, list<T>): bool': ([a, b], meter) => containsAll(a, b, meter) && containsAll(b, a, meter),
  'sets.intersects(list<T>, list<T>): bool': ([a, b], meter) => {
    for (let i = 0; i < b.size; i++) if (contains(a, b.at(i), meter)) return true;
    return false;
  },
});

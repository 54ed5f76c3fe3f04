/** Values that may be absent: `optional.of(x)`, `a.?b.orValue(c)`. */
import { Failure } from '../errors';
import { declare } from '../functions';
import { CelOptional, CelUint, type CelList, type CelValue, ArrayList } from '../values';

/** False, zero, empty: what `ofNonZeroValue` takes for absent. */
function isZero(value: CelValue): boolean {
  if (value === null || value === false || value === '' || value === 0n || value === 0) return true;
  if (value instanceof CelUint) return value.value === 0n;
  if (value instanceof Uint8Array) return value.length === 0;
  return typeof value === 'object' && 'kind' in value && value.size === 0;
}

export const optionalLibrary = declare({
  'optional.of(T): optional<T>': ([value]) => CelOptional.of(value),
  'optional.none(): optional<T>': () => CelOptional.none,
  'optional.ofNonZeroValue(T): optional<T>': ([value]) => (isZero(value) ? CelOptional.none : CelOptional.of(value)),
  'optional.unwrap(list<optional<T>>): list<T>': ([list], meter) => {
    const items: CelValue[] = [];
    for (let i = 0; i < (list as CelList).size; i++) {
      meter.spend(1);
      const item = (list as CelList).at(i);
      if (item instanceof CelOptional && item.present) items.push(item.value);
    }
    return new ArrayList(items);
  },
  'optional<T>.hasValue(): bool': ([optional]) => (optional as CelOptional).present,
  'optional<T>.value(): T': ([optional]) => {
    if (!(optional as CelOptional).present) throw new Failure('optional.none() dereference');
    return (optional as CelOptional).value;
  },
  'optional<T>.orValue(T): T': ([optional, otherwise]) =>
    (optional as CelOptional).present ? (optional as CelOptional).value : otherwise,
  'optional<T>.or(optional<T>): optional<T>': ([optional, otherwise]) =>
    (optional as CelOptional).present ? optional : otherwise,
});

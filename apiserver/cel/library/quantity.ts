/** Kubernetes' quantity library, over the quantities of the API. */
import { Quantity } from '../../../api/meta/quantity';
import { Failure } from '../errors';
import { declare } from '../functions';
import { CelOpaque } from '../values';
import { traverse } from './ranges';

class QuantityValue extends CelOpaque {
  readonly typeName = 'kubernetes.Quantity';

  constructor(readonly quantity: Quantity) {
    super();
  }

  equals(other: CelOpaque): boolean {
    return other instanceof QuantityValue && other.quantity.cmp(this.quantity) === 0;
  }
}

const unwrap = (value: unknown): Quantity => (value as QuantityValue).quantity;

/** Whole units as an exact integer, when it is one. */
function integerOf(quantity: Quantity): bigint | undefined {
  const units = BigInt(Math.trunc(quantity.value()));
  return Quantity.ofValue(units).cmp(quantity) === 0 ? units : undefined;
}

export const quantityLibrary = declare({
  'quantity(string): kubernetes.Quantity': ([text], meter) => {
    traverse(meter, text.length);
    const quantity = text.length <= 1000 ? Quantity.tryParse(text) : undefined;
    if (!quantity)
      throw new Failure(`quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'`);
    return new QuantityValue(quantity);
  },
  'isQuantity(string): bool': ([text], meter) => {
    traverse(meter, text.length);
    return text.length <= 1000 && Quantity.tryParse(text) !== undefined;
  },
  'kubernetes.Quantity.sign(): int': ([q]) => (unwrap(q).isZero() ? 0n : unwrap(q).isNegative() ? -1n : 1n),
  'kubernetes.Quantity.isInteger(): bool': ([q]) => integerOf(unwrap(q)) !== undefined,
  'kubernetes.Quantity.asInteger(): int': ([q]) => {
    const units = integerOf(unwrap(q));
    if (units === undefined) throw new Failure('cannot convert value to integer');
    return units;
  },
  'kubernetes.Quantity.asApproximateFloat(): double': ([q]) => unwrap(q).milliValue() / 1000,
  'kubernetes.Quantity.add(kubernetes.Quantity): kubernetes.Quantity': ([a, b]) =>
    new QuantityValue(unwrap(a).add(unwrap(b))),
  'kubernetes.Quantity.add(int): kubernetes.Quantity': ([a, b]) =>
    new QuantityValue(unwrap(a).add(Quantity.ofValue(b))),
  'kubernetes.Quantity.sub(kubernetes.Quantity): kubernetes.Quantity': ([a, b]) =>
    new QuantityValue(unwrap(a).sub(unwrap(b))),
  'kubernetes.Quantity.sub(int): kubernetes.Quantity': ([a, b]) =>
    new QuantityValue(unwrap(a).sub(Quantity.ofValue(b))),
  'kubernetes.Quantity.isLessThan(kubernetes.Quantity): bool': ([a, b]) => unwrap(a).cmp(unwrap(b)) < 0,
  'kubernetes.Quantity.isGreaterThan(kubernetes.Quantity): bool': ([a, b]) => unwrap(a).cmp(unwrap(b)) > 0,
  'kubernetes.Quantity.compareTo(kubernetes.Quantity): int': ([a, b]) => BigInt(unwrap(a).cmp(unwrap(b))),
});

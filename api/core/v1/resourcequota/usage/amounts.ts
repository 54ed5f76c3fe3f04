/** Arithmetic over resource lists, as quotas need it. Upstream: apiserver `pkg/quota/v1/resources.go`. */
import { Quantity } from '../../../../meta/quantity';
import type { Resources } from '../../pod/resources';

/** Only the resources with these names. */
export function mask(amounts: Resources, names: Iterable<string>): Resources {
  const wanted = new Set(names);
  return Object.fromEntries(Object.entries(amounts).filter(([name]) => wanted.has(name)));
}

/** What is more in `next` than in `old`; less counts as nothing. */
export function increase(next: Resources, old: Resources): Resources {
  return Object.fromEntries(
    Object.entries(next).map(([name, amount]) => {
      const before = old[name];
      const difference = before ? amount.sub(before) : amount;
      return [name, difference.isNegative() ? Quantity.zero : difference];
    }),
  );
}

export const withoutZeros = (amounts: Resources): Resources =>
  Object.fromEntries(Object.entries(amounts).filter(([, amount]) => !amount.isZero()));

/** The resources of which `amounts` has more than `limits` allows. */
export const exceeding = (amounts: Resources, limits: Resources): string[] =>
  Object.keys(limits).filter((name) => (amounts[name]?.cmp(limits[name]!) ?? 0) > 0);

export const negativeNames = (amounts: Resources): string[] =>
  Object.keys(amounts).filter((name) => amounts[name]!.isNegative());

export function sameAmounts(one: Resources, other: Resources): boolean {
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => other[name] !== undefined && one[name]!.cmp(other[name]) === 0)
  );
}

/** `cpu=2,pods=5`, by name. */
export const formatAmounts = (amounts: Resources): string =>
  Object.keys(amounts)
    .sort()
    .map((name) => `${name}=${amounts[name]!.toString()}`)
    .join(',');

export const toResourceList = (amounts: Resources): Record<string, string> =>
  Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, amount.toString()]));

export const one = Quantity.ofValue(1);

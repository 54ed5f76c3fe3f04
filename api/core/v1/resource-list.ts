/** Resource lists as they are stored: canonical quantities, as Go prints them after reading ("0.5" is "500m"). */
import { Quantity } from '../../meta/quantity';

/** The canonical text of a quantity; what does not parse stays as it is, for validation to name. */
export function canonicalQuantity(text: string | number): string {
  return Quantity.tryParse(text)?.toString() ?? String(text);
}

/** Rewrites every quantity of the list in place. */
export function canonicalizeResourceList(list: Record<string, string> | undefined | null): void {
  for (const [name, text] of Object.entries(list ?? {})) list![name] = canonicalQuantity(text);
}

/** Joins tolerations without those that another one covers. Pure. Upstream: `pkg/util/tolerations`. */
import type { Toleration } from '../../api/core/v1/pod';
import { deepEqual } from '../../api/meta/json';

export function mergeTolerations(first: readonly Toleration[], second: readonly Toleration[]): Toleration[] {
  const all = [...first, ...second];
  const merged: Toleration[] = [];
  for (const [index, toleration] of all.entries()) {
    const before = merged.some((other) => covers(other, toleration));
    const later = all.slice(index + 1).some((other) => !deepEqual(other, toleration) && covers(other, toleration));
    if (!before && !later) merged.push(toleration);
  }
  return merged;
}

/** Whether `wide` tolerates all that `toleration` does. */
export function covers(wide: Toleration, toleration: Toleration): boolean {
  if (deepEqual(wide, toleration)) return true;
  const matchesAllKeys = !wide.key && wide.operator === 'Exists';
  if (wide.key !== toleration.key && !matchesAllKeys) return false;
  if (wide.effect && wide.effect !== toleration.effect) return false;
  if (wide.effect === 'NoExecute' && wide.tolerationSeconds !== undefined) {
    if (toleration.tolerationSeconds === undefined || toleration.tolerationSeconds > wide.tolerationSeconds)
      return false;
  }
  if (wide.operator === 'Exists') return true;
  return (
    (wide.operator ?? 'Equal') === 'Equal' &&
    (toleration.operator ?? 'Equal') === 'Equal' &&
    wide.value === toleration.value
  );
}

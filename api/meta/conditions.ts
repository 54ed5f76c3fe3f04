/** Lists of status conditions: one entry per type, whose transition time moves only when the status changes. */

export interface ConditionLike {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
}

export const findCondition = <C extends { type: string }>(
  conditions: readonly C[] | undefined,
  type: string,
): C | undefined => conditions?.find((condition) => condition.type === type);

export const isConditionTrue = (conditions: readonly ConditionLike[] | undefined, type: string): boolean =>
  findCondition(conditions, type)?.status === 'True';

export const isConditionFalse = (conditions: readonly ConditionLike[] | undefined, type: string): boolean =>
  findCondition(conditions, type)?.status === 'False';

/**
 * Adds or replaces the condition of the same type, in place. lastTransitionTime becomes `nowText` (RFC 3339) unless the
 * status is unchanged. Returns whether anything but the times changed.
 */
export function setCondition<C extends ConditionLike>(conditions: C[], condition: C, nowText: string): boolean {
  const index = conditions.findIndex(({ type }) => type === condition.type);
  const old = conditions[index];
  if (!old) {
    conditions.push({ ...condition, lastTransitionTime: condition.lastTransitionTime ?? nowText });
    return true;
  }
  const sameStatus = old.status === condition.status;
  const changed =
    !sameStatus ||
    (old.reason ?? '') !== (condition.reason ?? '') ||
    (old.message ?? '') !== (condition.message ?? '') ||
    observedGeneration(old) !== observedGeneration(condition);
  const lastTransitionTime = sameStatus ? old.lastTransitionTime : (condition.lastTransitionTime ?? nowText);
  conditions[index] = { ...condition, ...(lastTransitionTime !== undefined && { lastTransitionTime }) };
  return changed;
}

const observedGeneration = (condition: ConditionLike): number | undefined =>
  (condition as { observedGeneration?: number }).observedGeneration;

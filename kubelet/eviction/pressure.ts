/** From observations to conditions of the node and to thresholds that call for an eviction. Pure. */
import { type Observations, type PressureCondition, signals } from './signals';
import { metThresholds, type Threshold } from './thresholds';

/** Thresholds are known by their identity. */
export interface PressureState {
  /** Since when each has been met without a break. */
  metSinceMs: ReadonlyMap<Threshold, number>;
  /** When each condition was last called for. */
  seenMs: ReadonlyMap<PressureCondition, number>;
  /** Met for their grace period: they stay so until what must be reclaimed is. */
  unresolved: readonly Threshold[];
}

export const noPressure: PressureState = { metSinceMs: new Map(), seenMs: new Map(), unresolved: [] };

export interface Pressure {
  state: PressureState;
  conditions: ReadonlySet<PressureCondition>;
  /** The most urgent first. */
  due: readonly Threshold[];
}

export function observePressure(
  before: PressureState,
  thresholds: readonly Threshold[],
  observations: Observations,
  { nowMs, transitionPeriodMs }: { nowMs: number; transitionPeriodMs: number },
): Pressure {
  const met = new Set([
    ...metThresholds(thresholds, observations, { withMinReclaim: false }),
    ...metThresholds(before.unresolved, observations, { withMinReclaim: true }),
  ]);
  const metSinceMs = new Map([...met].map((threshold) => [threshold, before.metSinceMs.get(threshold) ?? nowMs]));
  const seenMs = new Map(before.seenMs);
  for (const { signal } of met) seenMs.set(signals[signal].condition, nowMs);
  // A condition outlives its cause for a while, lest it comes and goes with every eviction.
  const recent = [...seenMs].filter(([, atMs]) => atMs === nowMs || nowMs - atMs < transitionPeriodMs);
  const due = [...met].filter((threshold) => nowMs - (metSinceMs.get(threshold) ?? nowMs) >= threshold.gracePeriodMs);
  const isMemory = ({ signal }: Threshold): boolean => signal === 'memory.available';
  return {
    state: { metSinceMs, seenMs: new Map(recent), unresolved: due },
    conditions: new Set(recent.map(([condition]) => condition)),
    due: [...due.filter(isMemory), ...due.filter((threshold) => !isMemory(threshold))],
  };
}

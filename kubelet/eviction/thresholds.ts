/** Eviction thresholds as flags give them, and whether they are met (upstream pkg/kubelet/eviction/helpers.go). Pure. */
import { Quantity } from '../../api/meta/quantity';
import { FlagError, parseDuration } from '../../component-base/flags';
import { isSignal, type Observations, type Signal } from './signals';

/** Of the capacity, when it is a fraction. */
export type Amount = { quantity: Quantity } | { fraction: number };

export interface Threshold {
  signal: Signal;
  /** Met when less than that is available. */
  amount: Amount;
  /** 0 for a hard threshold. */
  gracePeriodMs: number;
  /** Once met, so much more must become available. */
  minReclaim?: Amount;
}

export interface ThresholdFlags {
  evictionHard: readonly string[];
  evictionSoft: readonly string[];
  evictionSoftGracePeriod: readonly string[];
  evictionMinimumReclaim: readonly string[];
}

/** Throws FlagError. */
export function parseThresholds(flags: ThresholdFlags): Threshold[] {
  const hard = pairsOf('eviction-hard', flags.evictionHard, '<');
  const soft = pairsOf('eviction-soft', flags.evictionSoft, '<');
  const graces = pairsOf('eviction-soft-grace-period', flags.evictionSoftGracePeriod, '=');
  const reclaims = pairsOf('eviction-minimum-reclaim', flags.evictionMinimumReclaim, '=');
  const threshold = (signal: Signal, text: string, gracePeriodMs: number): Threshold[] => {
    // Upstream's way to switch one off.
    if (text === '0%' || text === '100%') return [];
    const reclaim = reclaims.get(signal);
    const minReclaim = reclaim !== undefined && { minReclaim: minReclaimOf(signal, reclaim) };
    return [{ signal, amount: thresholdOf(signal, text), gracePeriodMs, ...minReclaim }];
  };
  return [
    ...[...hard].flatMap(([signal, text]) => threshold(signal, text, 0)),
    ...[...soft].flatMap(([signal, text]) => threshold(signal, text, gracePeriodOf(signal, graces.get(signal)))),
  ];
}

function pairsOf(flag: string, entries: readonly string[], separator: '<' | '='): Map<Signal, string> {
  return new Map(
    entries.map((entry) => {
      const at = entry.indexOf(separator);
      const [signal, value] = [entry.slice(0, at).trim(), entry.slice(at + 1).trim()];
      if (at < 0) {
        const detail = `malformed pair, expect string${separator}string`;
        throw new FlagError(`invalid argument ${JSON.stringify(entry)} for "--${flag}" flag: ${detail}`);
      }
      if (!isSignal(signal)) throw new FlagError(`unsupported eviction signal ${signal}`);
      return [signal, value];
    }),
  );
}

/** Upstream keeps fractions in single precision, which shows in what a node can allocate. */
function fractionOf(text: string): number {
  const percent = Number(text.slice(0, -1) || NaN);
  if (Number.isNaN(percent)) {
    throw new FlagError(`strconv.ParseFloat: parsing ${JSON.stringify(text.slice(0, -1))}: invalid syntax`);
  }
  return Math.fround(Math.fround(percent) / 100);
}

function quantityOf(text: string): Quantity {
  try {
    return Quantity.parse(text);
  } catch (cause) {
    throw new FlagError((cause as Error).message, { cause });
  }
}

function thresholdOf(signal: Signal, text: string): Amount {
  if (text.endsWith('%')) {
    const fraction = fractionOf(text);
    if (fraction < 0) throw new FlagError(`eviction percentage threshold ${signal} must be >= 0%: ${text}`);
    if (fraction > 1) throw new FlagError(`eviction percentage threshold ${signal} must be <= 100%: ${text}`);
    return { fraction };
  }
  const quantity = quantityOf(text);
  if (quantity.isNegative() || quantity.isZero()) {
    throw new FlagError(`eviction threshold ${signal} must be positive: ${quantity}`);
  }
  return { quantity };
}

function minReclaimOf(signal: Signal, text: string): Amount {
  if (text.endsWith('%')) {
    const fraction = fractionOf(text);
    if (fraction <= 0) throw new FlagError(`eviction percentage minimum reclaim ${signal} must be positive: ${text}`);
    return { fraction };
  }
  const quantity = quantityOf(text);
  if (quantity.isNegative()) throw new FlagError(`negative eviction minimum reclaim specified for ${signal}`);
  return { quantity };
}

function gracePeriodOf(signal: Signal, text: string | undefined): number {
  if (text === undefined)
    throw new FlagError(`grace period must be specified for the soft eviction threshold ${signal}`);
  const periodMs = parseDuration(text);
  if (periodMs === undefined) throw new FlagError(`time: invalid duration ${JSON.stringify(text)}`);
  if (periodMs < 0) throw new FlagError(`invalid eviction grace period specified: ${text}, must be a positive value`);
  return periodMs;
}

export const amountOf = (amount: Amount, capacity: number): number =>
  'quantity' in amount ? amount.quantity.value() : Math.trunc(capacity * amount.fraction);

/** Those that are met, whatever their grace period; with what must be reclaimed on top if asked for. */
export function metThresholds(
  thresholds: readonly Threshold[],
  observations: Observations,
  { withMinReclaim }: { withMinReclaim: boolean },
): Threshold[] {
  return thresholds.filter(({ signal, amount, minReclaim }) => {
    const observed = observations.get(signal);
    if (!observed) return false;
    const { available, capacity } = observed;
    const more = withMinReclaim && minReclaim ? amountOf(minReclaim, capacity) : 0;
    return amountOf(amount, capacity) + more > available;
  });
}

/** What no pod can be promised, as it would be evicted for using it: that of the hard threshold, if there is one. */
export function reservedFor(signal: Signal, thresholds: readonly Threshold[], capacity: number): number {
  const hard = thresholds.find((threshold) => threshold.signal === signal && threshold.gracePeriodMs === 0);
  return hard ? amountOf(hard.amount, capacity) : 0;
}

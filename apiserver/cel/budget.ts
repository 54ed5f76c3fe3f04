/**
 * What evaluations may cost. The unit is cel-go's: roughly one step of the evaluator, ten characters of a string. Every loop
 * of the evaluator and of its libraries spends from a budget, so that no expression can hold the event loop.
 */
import { CostExceeded } from './errors';

/** Of one evaluation (upstream's PerCallLimit). */
export const perExpressionLimit = 1_000_000;
/** Of all rules of one object, or of all policies of one request (RuntimeCELCostBudget). */
export const runtimeCostBudget = 10_000_000;
/** Of all match conditions of one webhook or policy (RuntimeCELCostBudgetMatchConditions). */
export const matchConditionsCostBudget = 2_500_000;

export interface CostBudget {
  readonly remaining: number;
  /** The cost of all evaluations so far. */
  readonly spent: number;
  /** Throws CostExceeded once nothing remains. */
  spend(cost: number): void;
}

export function createCostBudget(limit = runtimeCostBudget): CostBudget {
  let spent = 0;
  return {
    get remaining() {
      return Math.max(0, limit - spent);
    },
    get spent() {
      return spent;
    },
    spend(cost) {
      spent += cost;
      if (spent > limit) throw new CostExceeded('budget');
    },
  };
}

/** One evaluation's meter: kept apart from the shared budget, which is charged once at the end. */
export class Meter {
  spent = 0;
  private readonly sizes = new Map<string, number>();

  constructor(private readonly limit: number) {}

  spend(cost: number): void {
    this.spent += cost;
    if (this.spent > this.limit) throw new CostExceeded('expression');
  }

  /** Characters of a string, counted once for long ones: expressions ask again and again. */
  sizeOf(text: string): number {
    if (text.length < 64) return countCodePoints(text);
    let size = this.sizes.get(text);
    if (size === undefined) {
      size = countCodePoints(text);
      this.sizes.set(text, size);
    }
    return size;
  }
}

export function countCodePoints(text: string): number {
  let count = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0xd800 && unit <= 0xdbff && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) {
      count--;
      i++;
    }
  }
  return count;
}

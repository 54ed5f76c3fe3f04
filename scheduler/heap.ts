/** A binary heap whose items can be found and removed by key. Upstream: `pkg/scheduler/backend/heap`. */

export class Heap<T> {
  private readonly items: T[] = [];
  private readonly positions = new Map<string, number>();

  constructor(
    private readonly keyOf: (item: T) => string,
    private readonly before: (a: T, b: T) => boolean,
  ) {}

  get size(): number {
    return this.items.length;
  }

  get(key: string): T | undefined {
    const position = this.positions.get(key);
    return position === undefined ? undefined : this.items[position];
  }

  peek(): T | undefined {
    return this.items[0];
  }

  /** Adds, or replaces the item of the same key. */
  push(item: T): void {
    const position = this.positions.get(this.keyOf(item)) ?? this.items.length;
    this.place(item, position);
    this.settle(position);
  }

  pop(): T | undefined {
    const first = this.items[0];
    return first === undefined ? undefined : this.remove(this.keyOf(first));
  }

  remove(key: string): T | undefined {
    const position = this.positions.get(key);
    if (position === undefined) return undefined;
    const item = this.items[position] as T;
    const last = this.items.pop() as T;
    this.positions.delete(key);
    if (position < this.items.length) {
      this.place(last, position);
      this.settle(position);
    }
    return item;
  }

  private place(item: T, position: number): void {
    this.items[position] = item;
    this.positions.set(this.keyOf(item), position);
  }

  private settle(start: number): void {
    let position = start;
    while (position > 0 && this.swapIfBefore(position, (position - 1) >> 1)) position = (position - 1) >> 1;
    for (;;) {
      const [left, right] = [2 * position + 1, 2 * position + 2];
      if (left >= this.items.length) return;
      const useRight = right < this.items.length && this.before(this.items[right] as T, this.items[left] as T);
      const child = useRight ? right : left;
      if (!this.swapIfBefore(child, position)) return;
      position = child;
    }
  }

  private swapIfBefore(child: number, parent: number): boolean {
    const [lower, upper] = [this.items[child] as T, this.items[parent] as T];
    if (!this.before(lower, upper)) return false;
    this.place(lower, parent);
    this.place(upper, child);
    return true;
  }
}

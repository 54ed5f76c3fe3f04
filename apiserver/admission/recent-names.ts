import type { Clock } from '../../component-base/clock';

/** Names that are remembered for a while after they were added last, and take no room after that. */
export class RecentNames {
  /** The oldest first. */
  private readonly addedAt = new Map<string, number>();

  constructor(
    private readonly clock: Clock,
    private readonly keptMs: number,
  ) {}

  get size(): number {
    return this.addedAt.size;
  }

  add(name: string): void {
    for (const oldest of this.addedAt.keys()) {
      if (this.has(oldest)) break;
      this.addedAt.delete(oldest);
    }
    this.addedAt.delete(name);
    this.addedAt.set(name, this.clock.now());
  }

  has(name: string): boolean {
    const addedAt = this.addedAt.get(name);
    return addedAt !== undefined && this.clock.now() - addedAt <= this.keptMs;
  }
}

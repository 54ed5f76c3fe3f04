/** The states that every object went through, by revision. */
import type { StoredChange } from '../history';

/** What a key held from `revision` to before `until`. */
export interface StateSpan {
  revision: number;
  until: number;
  /** Undefined while the object is not there. */
  state?: StoredChange;
}

export class Timeline {
  readonly changes: readonly StoredChange[];
  private readonly byKey = new Map<string, StoredChange[]>();

  constructor(stored: readonly StoredChange[]) {
    this.changes = stored.toSorted((a, b) => a.revision - b.revision);
    for (const change of this.changes) {
      const changes = this.byKey.get(change.key);
      if (changes) changes.push(change);
      else this.byKey.set(change.key, [change]);
    }
  }

  changesOf(key: string): readonly StoredChange[] {
    return this.byKey.get(key) ?? [];
  }

  /** The spans of a key, the one before its first change included. */
  spansOf(key: string): StateSpan[] {
    const changes = this.changesOf(key);
    const spans: StateSpan[] = [{ revision: 0, until: changes[0]?.revision ?? Infinity }];
    for (const [index, change] of changes.entries()) {
      spans.push({
        revision: change.revision,
        until: changes[index + 1]?.revision ?? Infinity,
        ...(change.type === 'put' && { state: change }),
      });
    }
    return spans;
  }

  /** The state of a key at a revision. */
  at(key: string, revision: number): StoredChange | undefined {
    const change = this.changesOf(key).findLast((candidate) => candidate.revision <= revision);
    return change?.type === 'put' ? change : undefined;
  }

  /** All objects at a revision. */
  snapshot(revision: number): StoredChange[] {
    return [...this.byKey.keys()].flatMap((key) => this.at(key, revision) ?? []);
  }

  get last(): number {
    return this.changes.at(-1)?.revision ?? 0;
  }
}

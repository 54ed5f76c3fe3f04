/**
 * Hands out node ports of a range, each to one owner at a time, also among several API servers: the bitmap is one stored object,
 * changed by guarded transactions. In one process, changes run one after the other in the order they were asked for, so a value
 * released by a deletion is free for a creation that comes after it. Upstream: `registry/core/service/portallocator`.
 */
import { isNotFound, StatusError } from '../../../api/meta/status-error';
import type { Storage } from '../../storage/storage';
import type { AllocationRange } from './address-range';
import { Bitmap } from './bitmap';
import type { RangeAllocation } from './range-allocation';

/** A value that cannot be had: the message says why, in upstream's words. */
export class AllocationError extends Error {
  override readonly name = 'AllocationError';
}

export interface RangeAllocatorDeps {
  /** Name of the stored object: `servicenodeports`. */
  name: string;
  range: AllocationRange;
  storage(): Storage<RangeAllocation>;
  random?(): number;
}

export class RangeAllocator {
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly deps: RangeAllocatorDeps) {}

  get range(): AllocationRange {
    return this.deps.range;
  }

  /** Takes this value. Throws AllocationError when it is taken or out of range. */
  async allocate(value: string, dryRun = false): Promise<void> {
    const offset = this.deps.range.offsetOf(value);
    if (offset === undefined) {
      const valid = `The range of valid ports is ${this.deps.range.text}`;
      throw new AllocationError(`provided port is not in the valid range. ${valid}`);
    }
    await this.change(dryRun, (bitmap) => {
      if (bitmap.has(offset)) throw new AllocationError('provided port is already allocated');
      bitmap.add(offset);
    });
  }

  /**
   * Takes any free value. Throws AllocationError when the range is full. A dry run takes nothing, so it is told which values it
   * got before: `except`.
   */
  async allocateNext(dryRun = false, except: readonly string[] = []): Promise<string> {
    const { range, random = Math.random } = this.deps;
    let chosen: number | undefined;
    await this.change(dryRun, (bitmap) => {
      if (dryRun) for (const value of except) bitmap.add(range.offsetOf(value)!);
      chosen = bitmap.findFree(range.staticBand, random);
      if (chosen === undefined) throw new AllocationError('range is full');
      bitmap.add(chosen);
    });
    return range.valueOf(chosen!);
  }

  async release(values: readonly string[]): Promise<void> {
    const offsets = values.map((value) => this.deps.range.offsetOf(value)).filter((offset) => offset !== undefined);
    if (!offsets.length) return;
    await this.change(false, (bitmap) => offsets.forEach((offset) => bitmap.delete(offset)));
  }

  /** The values that are taken. */
  async taken(): Promise<Set<string>> {
    const bitmap = await this.read();
    return new Set([...bitmap.values()].map((offset) => this.deps.range.valueOf(offset)));
  }

  /** Marks values as taken and others as free, whatever they were: for repairs. */
  async repair(take: readonly string[], free: readonly string[]): Promise<void> {
    const { range } = this.deps;
    await this.change(false, (bitmap) => {
      for (const value of free) bitmap.delete(range.offsetOf(value)!);
      for (const value of take) bitmap.add(range.offsetOf(value)!);
    });
  }

  private async read(): Promise<Bitmap> {
    try {
      return this.decode((await this.deps.storage().get(this.deps.name)).object);
    } catch (error) {
      if (isNotFound(error)) return this.decode(undefined);
      throw error;
    }
  }

  /** A bitmap of another range is not ours: start anew, and let the repair fill it from the services. */
  private decode(stored: RangeAllocation | undefined): Bitmap {
    const { range } = this.deps;
    return stored?.range === range.text ? Bitmap.decode(range.size, stored.data) : Bitmap.empty(range.size);
  }

  private change(dryRun: boolean, edit: (bitmap: Bitmap) => void): Promise<void> {
    const run = this.last.then(() => (dryRun ? this.tryOut(edit) : this.write(edit)));
    this.last = run.catch(() => undefined);
    return run;
  }

  private async tryOut(edit: (bitmap: Bitmap) => void): Promise<void> {
    edit(await this.read());
  }

  private async write(edit: (bitmap: Bitmap) => void): Promise<void> {
    const { name, range, storage } = this.deps;
    let refusal: AllocationError | undefined;
    try {
      await storage().guaranteedUpdate(name, (current) => {
        const bitmap = this.decode(current);
        refusal = refusalOf(() => edit(bitmap));
        // As a StatusError, so that storage asks etcd again when the refusal came from a stale copy.
        if (refusal) throw new StatusError(409, 'Conflict', refusal.message);
        return {
          ...current,
          apiVersion: 'v1',
          kind: 'RangeAllocation',
          metadata: { ...current?.metadata, name },
          range: range.text,
          data: bitmap.encode(),
        };
      });
    } catch (error) {
      throw refusal ?? error;
    }
  }
}

function refusalOf(edit: () => void): AllocationError | undefined {
  try {
    edit();
  } catch (error) {
    if (error instanceof AllocationError) return error;
    throw error;
  }
  return undefined;
}

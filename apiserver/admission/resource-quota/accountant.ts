/**
 * Charges writes to quotas without ever giving out more than there is, whoever else charges: what is used is raised by
 * compare-and-swap before the object is written. Charges of a namespace that wait for one write go into the next together.
 * Upstream: `quotaEvaluator` in `plugin/resourcequota/controller.go`.
 */
import { type ResourceQuota, resourceQuotas } from '../../../api/core/v1/resourcequota';
import { toResourceList } from '../../../api/core/v1/resourcequota/usage';
import { isConflict, isNotFound } from '../../../api/meta/status-error';
import { keyOf, type Stored } from '../../../api/meta/types';
import type { Loopback } from '../../registry/loopback';
import { type Account, type Charge, chargeAccounts, openAccount, QuotaRefusal } from './charge';

interface Waiter {
  charge: Charge;
  dryRun: boolean;
  /** The quotas it is still to be charged to; undefined: all. */
  owed?: ReadonlySet<string>;
  resolve(): void;
  reject(error: unknown): void;
}

/** Each lost race was somebody else's progress: this many in a row are not met with few servers. */
const maxAttempts = 12;

export class QuotaAccountant {
  private readonly view;
  private readonly waiting = new Map<string, Waiter[]>();
  /** What this server wrote last, until the view has it too. */
  private readonly written = new Map<string, Stored<ResourceQuota>>();

  constructor(private readonly loopback: Loopback) {
    this.view = loopback.view(resourceQuotas);
    this.view.addIndex('namespace', ({ metadata }) => [metadata?.namespace ?? '']);
  }

  /** Resolves once the write may happen. Throws QuotaRefusal, or what kept the quotas from being written. */
  async charge(namespace: string, charge: Charge, dryRun: boolean): Promise<void> {
    if (!this.view.byIndex('namespace', namespace).length) return;
    await new Promise<void>((resolve, reject) => {
      const waiter: Waiter = { charge, dryRun, resolve, reject };
      const queue = this.waiting.get(namespace);
      if (queue) queue.push(waiter);
      else {
        this.waiting.set(namespace, [waiter]);
        void this.work(namespace);
      }
    });
  }

  /** One batch after the other, until nobody waits. */
  private async work(namespace: string): Promise<void> {
    // Charges of this tick go together.
    await Promise.resolve();
    for (;;) {
      const batch = this.waiting.get(namespace) ?? [];
      if (!batch.length) break;
      this.waiting.set(namespace, []);
      await this.settle(namespace, batch).catch((error: unknown) => {
        for (const waiter of batch) waiter.reject(error);
      });
    }
    this.waiting.delete(namespace);
  }

  private async settle(namespace: string, batch: readonly Waiter[]): Promise<void> {
    let open = batch;
    let lost: unknown;
    for (let attempt = 1; open.length; attempt++) {
      if (attempt > maxAttempts) throw lost;
      const live = attempt > 1;
      const before = (live ? await this.readLive(namespace) : this.readKnown(namespace)).map(openAccount);
      const { charged, unsure, after } = planBatch(before, open, { live, nowMs: this.loopback.clock.now() });
      const failed = new Set<string>();
      const changed = after.filter((account, index) => account !== before[index]);
      for (const [index, result] of (await Promise.allSettled(changed.map((each) => this.write(each)))).entries()) {
        if (result.status === 'fulfilled') continue;
        if (!isConflict(result.reason) && !isNotFound(result.reason)) throw result.reason;
        lost = result.reason;
        failed.add(changed[index]!.quota.metadata.name);
      }
      for (const [waiter, names] of charged) {
        waiter.owed = new Set(names.filter((name) => failed.has(name)));
        if (!waiter.owed.size) waiter.resolve();
      }
      open = [...charged.keys()].filter(({ owed }) => owed?.size).concat(unsure);
    }
  }

  private readKnown(namespace: string): Stored<ResourceQuota>[] {
    return this.view.byIndex('namespace', namespace).map((seen) => {
      const key = keyOf(seen);
      const own = this.written.get(key);
      if (!own) return seen;
      const behind = Number(seen.metadata.resourceVersion) < Number(own.metadata.resourceVersion);
      if (behind && own.metadata.uid === seen.metadata.uid) return own;
      this.written.delete(key);
      return seen;
    });
  }

  private async readLive(namespace: string): Promise<Stored<ResourceQuota>[]> {
    const { items } = await this.loopback.storageOf(resourceQuotas).list({ namespace });
    return items.map(({ object }) => object);
  }

  /** Throws Conflict when the quota is no longer the one that was calculated with. */
  private async write({ quota, used }: Account): Promise<void> {
    const { uid, resourceVersion } = quota.metadata;
    const key = keyOf(quota);
    const entry = await this.loopback
      .storageOf(resourceQuotas)
      .guaranteedUpdate(
        key,
        (current) => current && { ...current, status: { ...current.status, used: toResourceList(used) } },
        { preconditions: { uid, resourceVersion } },
      );
    this.written.set(key, entry.object);
  }
}

interface BatchPlan {
  /** Who waits for which quotas to be written. */
  charged: Map<Waiter, string[]>;
  /** Refused by what may be out of date. */
  unsure: Waiter[];
  /** The accounts after all charges, in the order given. */
  after: Account[];
}

/** Charges one after the other; answers at once those that change nothing and those that surely do not fit. */
function planBatch(
  before: readonly Account[],
  batch: readonly Waiter[],
  { live, nowMs }: { live: boolean; nowMs: number },
): BatchPlan {
  let accounts: readonly Account[] = before;
  const charged: BatchPlan['charged'] = new Map();
  const unsure: Waiter[] = [];
  for (const waiter of batch) {
    const { owed } = waiter;
    const isOwed = ({ quota }: Account): boolean => owed?.has(quota.metadata.name) ?? true;
    try {
      const next = chargeAccounts(accounts.filter(isOwed), waiter.charge, nowMs);
      const changed = next.filter((account) => !accounts.includes(account));
      if (!changed.length || waiter.dryRun) waiter.resolve();
      else {
        const byName = new Map(changed.map((account) => [account.quota.metadata.name, account]));
        accounts = accounts.map((account) => byName.get(account.quota.metadata.name) ?? account);
        charged.set(waiter, [...byName.keys()]);
      }
    } catch (error) {
      if (live || !(error instanceof QuotaRefusal)) waiter.reject(error);
      else unsure.push(waiter);
    }
  }
  return { charged, unsure, after: [...accounts] };
}

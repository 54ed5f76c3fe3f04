/** Charges a write to the quotas of its namespace. Pure. Upstream: `CheckRequest` in `plugin/resourcequota/controller.go`. */
import { parseResources, addResources, type Resources } from '../../../api/core/v1/pod/resources';
import type { ResourceQuota } from '../../../api/core/v1/resourcequota';
import {
  exceeding,
  formatAmounts,
  increase,
  inScopes,
  mask,
  negativeNames,
  type QuotaEvaluator,
  type UsageChange,
  withoutZeros,
} from '../../../api/core/v1/resourcequota/usage';
import type { Stored } from '../../../api/meta/types';

/** A quota with its numbers, and what was charged to it on top of what is stored. */
export interface Account {
  quota: Stored<ResourceQuota>;
  hard: Resources;
  used: Resources;
}

export interface Charge extends UsageChange {
  evaluator: QuotaEvaluator;
}

/** The write does not fit; the message is upstream's, without what stands before `is forbidden: `. */
export class QuotaRefusal extends Error {
  override readonly name = 'QuotaRefusal';
}

export const openAccount = (quota: Stored<ResourceQuota>): Account => ({
  quota,
  hard: parseResources(quota.status?.hard),
  used: parseResources(quota.status?.used),
});

/** The accounts after the charge; those that it does not touch are the same objects. Throws QuotaRefusal. */
export function chargeAccounts(accounts: readonly Account[], charge: Charge, nowMs: number): Account[] {
  const { evaluator, object } = charge;
  const concerned = accounts.filter((account) => isConcerned(account, charge));
  if (!concerned.length) return [...accounts];
  const usage = evaluator.usage(object, nowMs);
  const negative = negativeNames(usage);
  if (negative.length) {
    throw new QuotaRefusal(`quota usage is negative for resource(s): ${negative.sort().join(',')}`);
  }
  return accounts.map((account) => {
    if (!concerned.includes(account)) return account;
    const added = withoutZeros(mask(usageIn(account, charge, usage, nowMs), Object.keys(account.hard)));
    return Object.keys(added).length ? addTo(account, added) : account;
  });
}

/** Whether the quota limits something of the object; throws when the object or the quota does not say enough to tell. */
function isConcerned({ quota, hard, used }: Account, { evaluator, object }: Charge): boolean {
  const names = evaluator.matchingResources(Object.keys(hard));
  if (!names.length || !inScopes(evaluator, quota, object)) return false;
  const missing = evaluator.missing?.(names, object);
  if (missing) throw new QuotaRefusal(`failed quota: ${quota.metadata.name}: ${missing}`);
  if (names.some((name) => !used[name])) {
    const list = [...names].sort().join(',');
    throw new QuotaRefusal(`status unknown for quota: ${quota.metadata.name}, resources: ${list}`);
  }
  return true;
}

/** An update that stays within the quota's scopes adds only what it uses more. */
function usageIn({ quota }: Account, charge: Charge, usage: Resources, nowMs: number): Resources {
  const { operation, oldObject, evaluator } = charge;
  if (operation !== 'UPDATE' || !oldObject || !inScopes(evaluator, quota, oldObject)) return usage;
  return increase(usage, evaluator.usage(oldObject, nowMs));
}

function addTo(account: Account, added: Resources): Account {
  const { quota, hard, used } = account;
  const next = addResources(used, added);
  const over = exceeding(mask(next, Object.keys(added)), hard);
  if (over.length) {
    const of = (amounts: Resources): string => formatAmounts(mask(amounts, over));
    throw new QuotaRefusal(
      `exceeded quota: ${quota.metadata.name}, requested: ${of(added)}, used: ${of(used)}, limited: ${of(hard)}`,
    );
  }
  return { ...account, used: next };
}

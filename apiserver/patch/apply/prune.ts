/** What an applier no longer says goes, unless somebody else has it. Upstream: structured-merge-diff `merge/update.go`. */
import { difference, emptySet, type FieldSet, intersection, isEmpty, union } from './field-set';
import type { Managers, Ownership } from './managers';
import { removeFields } from './remove';
import { toFieldSet, withNamedFields } from './to-field-set';
import type { TypeSchema } from './type-schema';
import type { Versions } from './versions';

/**
 * `merged`, in `version`, without what the applier had applied the last time, has not applied now, and nobody else has.
 * `managers` have the applier with what it says now.
 */
export async function prune(
  versions: Versions,
  managers: Managers,
  merged: object,
  version: string,
  last: Ownership | undefined,
): Promise<object> {
  if (!last || isEmpty(last.fields)) return merged;
  const type = versions.typeOf(last.apiVersion);
  if (!type) return merged;
  const inVersion = (object: object, from: string, to: string): Promise<object> | object =>
    from === to ? object : versions.convert(object, from, to);
  const old = await inVersion(merged, version, last.apiVersion);
  let pruned: object = removeFields(type, old, withNamedFields(type, last.fields)) ?? {};
  pruned = await addBackOwned(versions, managers, old, pruned, last.apiVersion);
  pruned = addBackDangling(type, old, pruned, last.fields);
  return inVersion(pruned, last.apiVersion, version);
}

/** Puts back what others have, or the applier has applied now. */
async function addBackOwned(
  versions: Versions,
  managers: Managers,
  merged: object,
  pruned: object,
  version: string,
): Promise<object> {
  const ownedIn = new Map<string, FieldSet>([[version, emptySet]]);
  for (const { apiVersion, fields } of managers.values()) {
    ownedIn.set(apiVersion, union(ownedIn.get(apiVersion) ?? emptySet, fields));
  }
  let result = pruned;
  for (const [apiVersion, owned] of ownedIn) {
    const type = versions.typeOf(apiVersion);
    if (!type) continue;
    const isSame = apiVersion === version;
    const whole = isSame ? merged : await versions.convert(merged, version, apiVersion);
    const rest = isSame ? result : await versions.convert(result, version, apiVersion);
    const kept = keepOnly(type, whole, rest, withNamedFields(type, owned));
    result = isSame ? kept : await versions.convert(kept, apiVersion, version);
  }
  return result;
}

/** `whole` without what is neither in `rest` nor in `owned`. */
function keepOnly(type: TypeSchema, whole: object, rest: object, owned: FieldSet): object {
  const all = withNamedFields(type, toFieldSet(type, whole));
  const kept = union(withNamedFields(type, toFieldSet(type, rest)), owned);
  return removeFields(type, whole, difference(all, kept)) ?? {};
}

/** Puts back what went along with something else, and was not the applier's to remove. */
function addBackDangling(type: TypeSchema, merged: object, pruned: object, last: FieldSet): object {
  const gone = difference(
    withNamedFields(type, toFieldSet(type, merged)),
    withNamedFields(type, toFieldSet(type, pruned)),
  );
  return removeFields(type, merged, intersection(gone, withNamedFields(type, last))) ?? {};
}

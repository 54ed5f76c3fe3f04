/**
 * Who owns what after a write, and what an apply makes of an object. Objects are plain values here, in the form of one
 * version; managers that wrote another version are asked about the object as it is there. Upstream: structured-merge-diff
 * `merge/update.go`.
 */
import { type Comparison, compare } from './compare';
import { ApplyConflict, type Conflict } from './conflicts';
import { difference, emptySet, type FieldSet, intersection, isEmpty, sameSet, union } from './field-set';
import { type Manager, managerId, type Ownership } from './managers';
import { merge } from './merge';
import { prune } from './prune';
import { toFieldSet } from './to-field-set';
import { deducedType } from './type-schema';
import type { Versions } from './versions';

/** A write, and what it may own. */
export interface Write {
  readonly by: Manager;
  /** RFC 3339. */
  readonly time: string;
  /** Fields that the path of the write resets, or that nobody owns, are not owned by writing them. */
  ownable(fields: FieldSet): FieldSet;
}

type ManagerMap = Map<string, Ownership>;

/** An update: what it changed is the updater's alone. `managers` is changed. True if the ownership changed. */
export async function recordUpdate(
  versions: Versions,
  managers: ManagerMap,
  before: object,
  after: object,
  { by, time, ownable }: Write,
): Promise<boolean> {
  const type = versions.typeOf(by.apiVersion) ?? deducedType;
  const comparison = onlyOwnable(compare(type, before, after), ownable);
  const changed = union(comparison.added, comparison.modified);
  if (isEmpty(changed) && isEmpty(comparison.removed)) return false;
  const id = managerId(by);
  await takeFromOthers({ versions, managers, before, after, version: by.apiVersion, comparison, ownable, taker: id });
  if (isEmpty(changed)) return true;
  managers.set(id, { ...by, fields: union(managers.get(id)?.fields ?? emptySet, changed), time });
  return true;
}

/**
 * `live` with `config` applied; what the applier no longer says and nobody else has goes. Undefined: it is as it was.
 * `managers` is changed. Throws ApplyConflict, unless `force` takes what others have.
 */
export async function applyConfig(
  versions: Versions,
  managers: ManagerMap,
  live: object,
  config: object,
  { by, time, ownable, force }: Write & { force: boolean },
): Promise<object | undefined> {
  const version = by.apiVersion;
  const type = versions.typeOf(version) ?? deducedType;
  const id = managerId(by);
  const last = managers.get(id);
  const said = toFieldSet(type, config);
  const fields = ownable(said);
  const merged = merge(type, live, config) as object;
  // What it says stays, also what nobody owns: the name.
  const object = await prune(versions, new Map(managers).set(id, { ...by, fields: said }), merged, version, last);
  const comparison = compare(type, live, object);
  const others = new Map(managers);
  others.delete(id);
  const taken = await takeFromOthers({
    versions,
    managers: others,
    before: live,
    after: object,
    version,
    comparison: onlyOwnable(comparison, ownable),
    ownable,
    refuse: !force,
  });
  const changed = !isUnchanged(comparison);
  const moved = taken || !last || last.apiVersion !== version || !sameSet(last.fields, fields);
  managers.clear();
  for (const [key, ownership] of others) managers.set(key, ownership);
  if (!isEmpty(fields)) managers.set(id, { ...by, fields, time: changed || moved ? time : (last?.time ?? time) });
  return changed ? object : undefined;
}

const isUnchanged = ({ added, modified, removed }: Comparison): boolean =>
  isEmpty(added) && isEmpty(modified) && isEmpty(removed);

const onlyOwnable = (comparison: Comparison, ownable: Write['ownable']): Comparison => ({
  added: ownable(comparison.added),
  modified: ownable(comparison.modified),
  removed: ownable(comparison.removed),
});

interface Taking {
  versions: Versions;
  managers: ManagerMap;
  before: object;
  after: object;
  version: string;
  /** Of `before` and `after`, in `version`. */
  comparison: Comparison;
  ownable: Write['ownable'];
  /** The id of who changed what changed: keeps it. */
  taker?: string;
  /** Throw ApplyConflict where another manager has what changed. */
  refuse?: boolean;
}

/** What changed or went is nobody's any more. True if anybody had any of it. */
async function takeFromOthers(taking: Taking): Promise<boolean> {
  const { versions, managers, before, after, version, ownable } = taking;
  const comparisons = new Map([[version, taking.comparison]]);
  const conflicts: Conflict[] = [];
  const left: [string, Ownership | undefined][] = [];
  for (const [id, ownership] of managers) {
    const { apiVersion, fields } = ownership;
    let comparison = comparisons.get(apiVersion);
    if (!comparison) {
      const type = versions.typeOf(apiVersion);
      if (!type) {
        left.push([id, undefined]);
        continue;
      }
      const old = await versions.convert(before, version, apiVersion);
      comparison = onlyOwnable(compare(type, old, await versions.convert(after, version, apiVersion)), ownable);
      comparisons.set(apiVersion, comparison);
    }
    const changed = union(comparison.modified, comparison.added);
    const taken = id === taking.taker ? emptySet : intersection(fields, changed);
    if (!isEmpty(taken)) conflicts.push({ manager: ownership, fields: taken });
    const kept = difference(difference(fields, taken), comparison.removed);
    if (kept !== fields) left.push([id, isEmpty(kept) ? undefined : { ...ownership, fields: kept }]);
  }
  if (taking.refuse && conflicts.length > 0) throw new ApplyConflict(conflicts);
  for (const [id, ownership] of left) {
    if (ownership) managers.set(id, ownership);
    else managers.delete(id);
  }
  return left.length > 0;
}

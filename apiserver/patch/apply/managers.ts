/**
 * The managers of an object's fields, as `metadata.managedFields` lists them. Upstream: apimachinery
 * `util/managedfields/internal/{managedfields,capmanagers}.go`.
 */
import { SharedJson } from '../../../api/meta/json';
import type { ObjectMeta } from '../../../api/meta/types';
import { canonicalElement, sortElements } from './path-element';
import { type FieldSet, leaf, sameSet, union } from './field-set';

export type ManagedFieldsEntry = NonNullable<ObjectMeta['managedFields']>[number];

/** Who writes, and by which path. */
export interface Manager {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  /** '' for the main resource. */
  readonly subresource: string;
}

/** What one manager has, in the form of `apiVersion`. */
export interface Ownership extends Manager {
  readonly fields: FieldSet;
  /** RFC 3339. */
  readonly time?: string | undefined;
}

/** By `managerId`. */
export type Managers = ReadonlyMap<string, Ownership>;

/** At most so many managers of updates are told apart. */
export const maxUpdateManagers = 10;
const oldUpdatesManager = 'ancient-changes';

/** What tells entries apart: all but fields and time; an applier is the same in every version. Also how ids sort. */
export function managerId({ manager, operation, apiVersion, subresource }: Manager): string {
  return JSON.stringify([manager, operation, operation === 'Apply' ? '' : apiVersion, subresource]);
}

/** Of stored entries, which are well-formed. */
export function managersOf(entries: readonly ManagedFieldsEntry[] | undefined): Map<string, Ownership> {
  const managers = new Map<string, Ownership>();
  for (const entry of entries ?? []) {
    const ownership = ownershipOf(entry, entry.fieldsV1 as FieldSet | undefined);
    managers.set(managerId(ownership), ownership);
  }
  return managers;
}

/** Of entries that a client sent; undefined if any of them is malformed. */
export function parseManagers(entries: readonly ManagedFieldsEntry[]): Map<string, Ownership> | undefined {
  try {
    return managersOf(entries.map(checkEntry));
  } catch {
    return undefined;
  }
}

const ownershipOf = (
  { manager = '', operation, apiVersion = '', subresource = '', time }: ManagedFieldsEntry,
  fields: FieldSet = {},
): Ownership => ({
  manager,
  operation: operation === 'Apply' ? 'Apply' : 'Update',
  apiVersion,
  subresource,
  fields,
  time,
});

function checkEntry(entry: ManagedFieldsEntry): ManagedFieldsEntry {
  if (entry.operation !== 'Apply' && entry.operation !== 'Update') throw new Error('unknown operation');
  if (!entry.apiVersion) throw new Error('apiVersion must not be empty');
  if (entry.fieldsType !== 'FieldsV1') throw new Error('unknown fieldsType');
  return { ...entry, fieldsV1: checkFields(entry.fieldsV1 ?? {}) };
}

/** The set with its elements as this server writes them. Throws if it is none. */
function checkFields(fields: unknown): FieldSet {
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) throw new Error('fields are no object');
  return Object.fromEntries(
    Object.entries(fields).map(([element, child]): [string, FieldSet] => [
      element === '.' ? element : canonicalElement(element),
      checkFields(child),
    ]),
  );
}

/** The entries as they are stored: appliers first, then by time. */
export function encodeManagers(managers: Managers): ManagedFieldsEntry[] {
  return [...managers.values()].sort(byOperationAndTime).map((ownership) => ({
    manager: ownership.manager,
    operation: ownership.operation,
    apiVersion: ownership.apiVersion,
    ...(ownership.time !== undefined && { time: ownership.time }),
    fieldsType: 'FieldsV1',
    fieldsV1: shared(ownership.fields),
    ...(ownership.subresource && { subresource: ownership.subresource }),
  }));
}

const shared = (fields: FieldSet): object => (fields instanceof SharedJson ? fields : new SharedJson(inOrder(fields)));

/** The set with its elements in upstream's order, by which clients compare the text; itself if they are. */
function inOrder(fields: FieldSet): FieldSet {
  const elements = Object.keys(fields);
  const sorted = sortElements(elements);
  let changed = sorted !== elements;
  const children = sorted.map((element) => {
    const child = fields[element]!;
    const ordered = child === leaf ? child : inOrder(child);
    changed ||= ordered !== child;
    return ordered;
  });
  if (!changed) return fields;
  const ordered: Record<string, FieldSet> = {};
  for (const [index, element] of sorted.entries()) ordered[element] = children[index]!;
  return ordered;
}

const compareText = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
const secondsOf = ({ time }: Ownership): number => (time === undefined ? 0 : Math.trunc(Date.parse(time) / 1000));

const byOperationAndTime = (a: Ownership, b: Ownership): number =>
  compareText(a.operation, b.operation) ||
  secondsOf(a) - secondsOf(b) ||
  compareText(a.manager, b.manager) ||
  compareText(a.apiVersion, b.apiVersion) ||
  compareText(a.subresource, b.subresource);

/** Folds the oldest updates into one entry for each version, until there are few enough; in place. */
export function capUpdateManagers(managers: Map<string, Ownership>): void {
  const updates = [...managers].filter(([, { operation }]) => operation === 'Update');
  let count = updates.length;
  if (count <= maxUpdateManagers) return;
  updates.sort(([idA, a], [idB, b]) => secondsOf(a) - secondsOf(b) || compareText(idA, idB));
  const firstOfVersion = new Map<string, string>();
  for (const [id, { apiVersion, fields, time }] of updates) {
    if (count <= maxUpdateManagers) return;
    const first = firstOfVersion.get(apiVersion);
    if (first === undefined) {
      firstOfVersion.set(apiVersion, id);
      continue;
    }
    const bucket: Manager = { manager: oldUpdatesManager, operation: 'Update', apiVersion, subresource: '' };
    const bucketId = managerId(bucket);
    const old = managers.get(bucketId) ?? managers.get(first)!;
    if (!managers.has(bucketId)) managers.delete(first);
    managers.delete(id);
    managers.set(bucketId, { ...bucket, fields: union(fields, old.fields), time });
    count--;
  }
}

/** True if the entries say the same, apart from when. */
export function sameApartFromTimes(
  a: readonly ManagedFieldsEntry[] = [],
  b: readonly ManagedFieldsEntry[] = [],
): boolean {
  if (a.length !== b.length) return false;
  const [left, right] = [managersOf(a), managersOf(b)];
  return [...left].every(([id, { apiVersion, fields }]) => {
    const other = right.get(id);
    return other?.apiVersion === apiVersion && sameSet(fields, other.fields);
  });
}

/**
 * Keeps `metadata.managedFields` through writes, and applies configurations. One for each kind; objects come in the stored
 * form. Upstream: apimachinery `util/managedfields/internal/fieldmanager.go` and what it is put together from.
 */
import type { ResourceDefinition } from '../../../api/meta/resource-definition';
import { newBadRequest, StatusError } from '../../../api/meta/status-error';
import type { KubeObject } from '../../../api/meta/types';
import { deepEqual } from '../../../api/meta/json';
import { ApplyConflict, newApplyConflict } from './conflicts';
import { versionsOf } from './kind-versions';
import { kubectlManager, updateLastApplied, withoutLastApplied } from './last-applied';
import {
  capUpdateManagers,
  encodeManagers,
  managersOf,
  type ManagedFieldsEntry,
  type Ownership,
  parseManagers,
} from './managers';
import type { Ownable } from './ownable';
import { withAtomicsWhole } from './to-field-set';
import { deducedType } from './type-schema';
import { applyConfig, recordUpdate } from './updater';
import { joinErrors, validateConfig } from './validate';
import type { Versions } from './versions';

/** Who writes, in which version and by which path. */
export interface WriteFacts {
  /** '' is `unknown`. */
  readonly manager: string;
  readonly apiVersion: string;
  /** '' for the main resource. */
  readonly subresource: string;
  readonly ownable: Ownable;
  /** RFC 3339. */
  readonly time: string;
}

export interface FieldManager {
  /** Sets the managed fields of `object`, which is about to replace `live` (undefined: to be created); in place. */
  recordUpdate(live: KubeObject | undefined, object: KubeObject, facts: WriteFacts): Promise<void>;
  /**
   * What applying `config`, in the version of the write, makes of `live`, with its managed fields. Throws BadRequest, Conflict
   * and, as upstream, an error without a reason for a configuration that does not fit the schema.
   */
  apply(live: KubeObject | undefined, config: KubeObject, facts: WriteFacts & { force: boolean }): Promise<KubeObject>;
}

/** Owns what an object had before it was first applied, if nobody was recorded. */
const beforeFirstApply = 'before-first-apply';

export function createFieldManager(definition: ResourceDefinition): FieldManager {
  const versions = versionsOf(definition);
  const stored = definition.apiVersion;
  /** The schemas of custom kinds change under their objects. */
  const reconcile = (managers: Map<string, Ownership>): Map<string, Ownership> =>
    definition.custom ? reconcileWithSchema(versions, managers) : managers;
  return {
    async recordUpdate(live, object, facts) {
      const { apiVersion } = facts;
      const { managers: before, unchanged } = managersBefore(live, object, facts.subresource);
      const managers = reconcile(before);
      if (live && managers.size === 0) return setManagedFields(object, undefined);
      const old = live && (await inVersion(versions, withoutManagedFields(live), stored, apiVersion));
      const now = await inVersion(versions, withoutManagedFields(object), stored, apiVersion);
      const write = { by: writerOf(facts, 'Update'), ownable: facts.ownable, time: facts.time };
      const moved = await recordUpdate(versions, managers, old ?? {}, now, write);
      if (!moved && unchanged && managers === before) return setManagedFields(object, unchanged);
      capUpdateManagers(managers);
      setManagedFields(object, encodeManagers(managers));
    },

    async apply(live, config, facts) {
      const { apiVersion } = facts;
      checkConfig(definition, versions, config, apiVersion);
      const before = ((live && (await inVersion(versions, withoutManagedFields(live), stored, apiVersion))) ??
        {}) as KubeObject;
      const managers = reconcile(managersOf(live?.metadata?.managedFields));
      if (live && managers.size === 0) {
        const by = writerOf({ ...facts, manager: beforeFirstApply }, 'Update');
        await recordUpdate(versions, managers, {}, before, { by, ownable: facts.ownable, time: facts.time });
      }
      const applied = await applyOver(versions, managers, before, config, facts);
      let object = { ...(applied ?? before) } as KubeObject;
      if (facts.manager === kubectlManager) object = updateLastApplied(object, config);
      object.apiVersion = apiVersion;
      object.kind = definition.kind;
      const entries = encodeManagers(managers);
      object.metadata = { ...object.metadata, ...(entries.length > 0 && { managedFields: entries }) };
      return object;
    },
  };
}

/** Where the managers of an update start from; `unchanged` is what is stored of them. */
function managersBefore(
  live: KubeObject | undefined,
  object: KubeObject,
  subresource: string,
): { managers: Map<string, Ownership>; unchanged?: ManagedFieldsEntry[] | undefined } {
  const old = live?.metadata?.managedFields;
  const given = object.metadata?.managedFields;
  if (!subresource && given && given.length > 0 && !(old && deepEqual(given, old))) {
    // One empty entry clears all; an empty list does not, since clients may send that without knowing.
    if (given.length === 1 && Object.keys(given[0] ?? {}).length === 0) return { managers: new Map() };
    const managers = parseManagers(given);
    if (managers) return { managers };
  }
  return { managers: managersOf(old), unchanged: old };
}

/** The same managers if the schema says of their fields what it said before. */
function reconcileWithSchema(versions: Versions, managers: Map<string, Ownership>): Map<string, Ownership> {
  const reconciled = new Map<string, Ownership>();
  let changed = false;
  for (const [id, ownership] of managers) {
    const type = versions.typeOf(ownership.apiVersion);
    const fields = type ? withAtomicsWhole(type, ownership.fields) : ownership.fields;
    if (fields !== ownership.fields) changed = true;
    reconciled.set(id, { ...ownership, fields });
  }
  return changed ? reconciled : managers;
}

function setManagedFields(object: KubeObject, entries: ManagedFieldsEntry[] | undefined): void {
  const metadata = (object.metadata ??= {});
  if (entries && entries.length > 0) metadata.managedFields = entries;
  else delete metadata.managedFields;
}

function withoutManagedFields(object: KubeObject): KubeObject {
  const { managedFields, ...metadata } = object.metadata ?? {};
  return managedFields ? { ...object, metadata } : object;
}

const inVersion = (versions: Versions, object: KubeObject, from: string, to: string): Promise<object> | object =>
  from === to ? object : versions.convert(object, from, to);

const writerOf = ({ manager, apiVersion, subresource }: WriteFacts, operation: 'Apply' | 'Update') => ({
  manager: manager || 'unknown',
  operation,
  apiVersion,
  subresource,
});

function checkConfig(definition: ResourceDefinition, versions: Versions, config: KubeObject, apiVersion: string): void {
  const { kind, metadata } = config;
  if (config.apiVersion !== apiVersion || kind !== definition.kind) {
    throw newBadRequest(`invalid object type: ${formatKind(config)}`);
  }
  if (metadata?.managedFields !== undefined && metadata.managedFields !== null) {
    throw newBadRequest('metadata.managedFields must be nil');
  }
  const errors = validateConfig(versions.typeOf(apiVersion) ?? deducedType, config);
  if (errors.length === 0) return;
  const name = `${metadata?.namespace ?? ''}/${metadata?.name ?? ''}; ${formatKind(config)}`;
  throw new StatusError(500, '', `failed to create typed patch object (${name}): ${joinErrors(errors)}`);
}

/** As Go prints a GroupVersionKind: `apps/v1, Kind=Deployment`, `/v1, Kind=Pod`. What is no text is as if it were not there. */
export function formatKind(object: KubeObject): string {
  const [apiVersion, kind] = [object.apiVersion, object.kind].map((said: unknown) =>
    typeof said === 'string' ? said : '',
  ) as [string, string];
  return `${apiVersion.includes('/') ? '' : '/'}${apiVersion}, Kind=${kind}`;
}

/** Applies; for kubectl, over what it had applied on the client's side too. `managers` is changed if it succeeds. */
async function applyOver(
  versions: Versions,
  managers: Map<string, Ownership>,
  live: KubeObject,
  config: KubeObject,
  facts: WriteFacts & { force: boolean },
): Promise<object | undefined> {
  const { force, ownable, time, apiVersion } = facts;
  const by = writerOf(facts, 'Apply');
  const attempt = async (forced: boolean): Promise<object | undefined> => {
    const changed = new Map(managers);
    const applied = await applyConfig(versions, changed, live, config, { by, ownable, time, force: forced });
    managers.clear();
    for (const [id, ownership] of changed) managers.set(id, ownership);
    return applied;
  };
  try {
    return await attempt(force);
  } catch (error) {
    if (!(error instanceof ApplyConflict)) throw error;
    const type = versions.typeOf(apiVersion) ?? deducedType;
    const rest = facts.manager === kubectlManager ? withoutLastApplied(type, live, apiVersion, error) : error;
    if (rest) throw newApplyConflict(rest);
    return attempt(true);
  }
}

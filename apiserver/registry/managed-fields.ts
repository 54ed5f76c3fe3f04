/** Records with each write who owns which fields. Upstream: the handlers' calls of the FieldManager. */
import { deepEqual } from '../../api/meta/json';
import { apiVersionOf, type ResourceDefinition } from '../../api/meta/resource-definition';
import type { KubeObject, Stored } from '../../api/meta/types';
import { formatTime } from '../../component-base/clock';
import type { WriteFacts } from '../patch/apply/field-manager';
import { parseManagers, sameApartFromTimes } from '../patch/apply/managers';
import { ofCustomStatus, ofMainResource, ofReplicas, ofStatus, type Ownable } from '../patch/apply/ownable';
import type { RequestContext } from '../request-context';
import type { KindStore } from './store-deps';

const maxManagerBytes = 128;

/** Upstream's prefixFromUserAgent: what precedes the first slash, without what cannot be printed. */
function prefixOfUserAgent(userAgent: string): string {
  const printable = userAgent.split('/', 1)[0]!.replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, '');
  if (Buffer.byteLength(printable) <= maxManagerBytes) return printable;
  let prefix = '';
  for (const char of printable) {
    if (Buffer.byteLength(prefix + char) > maxManagerBytes) break;
    prefix += char;
  }
  return prefix;
}

/** The version that the client speaks, if the request is for this kind; else the stored one. */
function versionOfRequest(definition: ResourceDefinition, { info }: RequestContext): string {
  const apiVersion = apiVersionOf(info.apiGroup, info.apiVersion);
  if (apiVersion === definition.apiVersion) return apiVersion;
  const served = definition.servedVersions?.find(
    ({ group, version, names }) =>
      apiVersionOf(group, version) === apiVersion && (names?.plural ?? definition.names.plural) === info.resource,
  );
  return served ? apiVersion : definition.apiVersion;
}

function ownableThrough({ subresources, custom }: ResourceDefinition, subresource: string): Ownable {
  const { status, scale } = subresources ?? {};
  if (subresource === 'status') return custom ? ofCustomStatus : ofStatus;
  if (subresource === 'scale' && scale) return ofReplicas(scale.specReplicas);
  // Other paths say themselves what they change: an approval the status, a resize the spec.
  return ofMainResource(!subresource && status !== undefined);
}

/** `subresource` is the path that the entry names: also `scale`, which writes the main resource. */
export function writeFactsOf<T extends KubeObject>(
  { definition, clock }: KindStore<T>,
  context: RequestContext,
  subresource: string,
): WriteFacts {
  return {
    manager: context.fieldManager || prefixOfUserAgent(context.userAgent),
    apiVersion: versionOfRequest(definition, context),
    subresource,
    ownable: ownableThrough(definition, subresource),
    time: formatTime(clock.now()),
  };
}

/**
 * Sets the managed fields of what is about to be written; in place. A write does not fail for them: they are given up, as
 * upstream does, where another version cannot be looked at because its conversion webhook is gone.
 */
export async function recordFields<T extends KubeObject>(
  kind: KindStore<T>,
  context: RequestContext,
  subresource: string,
  live: Stored<T> | undefined,
  object: T,
): Promise<void> {
  try {
    await kind.fieldManager.recordUpdate(live, object, writeFactsOf(kind, context, subresource));
  } catch (error) {
    context.log.error({ err: error }, 'Managed fields are given up');
    delete object.metadata?.managedFields;
  }
}

/** Admission may not leave managed fields that nobody can read: then they are as before. */
export async function keepingManagedFields(object: KubeObject, admit: () => Promise<void>): Promise<void> {
  const before = object.metadata?.managedFields;
  await admit();
  const after = object.metadata?.managedFields;
  if (after === before || (after && parseManagers(after))) return;
  if (before) object.metadata!.managedFields = before;
  else delete object.metadata?.managedFields;
}

/** A write that changed nothing but the times of managed fields changes nothing at all; in place. */
export function ignoreManagedFieldsTimes<T extends KubeObject>(object: T, old: Stored<T>): void {
  const [entries, oldEntries] = [object.metadata?.managedFields, old.metadata.managedFields];
  if (!entries || entries === oldEntries || !sameApartFromTimes(entries, oldEntries)) return;
  const same = { ...object, metadata: { ...object.metadata, managedFields: oldEntries } };
  if (deepEqual(same, old)) object.metadata!.managedFields = oldEntries!;
}

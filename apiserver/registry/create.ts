/** Creates an object: defaults, admission, system fields, validation, write. Upstream: `Store.Create`. */
import { cloneJson } from '../../api/meta/json';
import { isAlreadyExists, isTimeout, newInvalid, StatusError, formatGroupResource } from '../../api/meta/status-error';
import type { KubeObject } from '../../api/meta/types';
import type { RequestContext } from '../request-context';
import type { CachedObject } from '../storage/storage';
import { ensureNamespace, prepareCreate, validateCreate } from './before-create';
import { keepingManagedFields, recordFields } from './managed-fields';
import { afterMutatingAdmission, dropRepeatedOwners } from './owner-references';
import { admissionAttributes, type KindStore, storageKey } from './store-deps';

const maxGeneratedNames = 8;

/** Throws what the object is refused with: BadRequest, Forbidden, Invalid, AlreadyExists. */
export async function createObject<T extends KubeObject>(
  kind: KindStore<T>,
  context: RequestContext,
  namespace: string,
  object: T,
): Promise<CachedObject<T>> {
  await admitCreate(kind, context, namespace, object);
  if (object.metadata?.name || !object.metadata?.generateName) {
    return explainDeletion(kind, namespace, object, () => createAdmitted(kind, context, namespace, object));
  }
  for (let attempt = 1; ; attempt++) {
    try {
      return await createAdmitted(kind, context, namespace, cloneJson(object));
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      if (attempt === maxGeneratedNames) throw nameNotGenerated(kind, error);
    }
  }
}

/**
 * Defaults, who owns which fields, and mutating admission, whose changes nobody owns; the object is then what the client
 * wants.
 */
export async function admitCreate<T extends KubeObject>(
  kind: KindStore<T>,
  context: RequestContext,
  namespace: string,
  object: T,
  options: { fieldsAreRecorded?: boolean | undefined } = {},
): Promise<void> {
  const { definition, admission } = kind;
  ensureNamespace(definition, namespace, object);
  definition.defaults?.(object);
  dropRepeatedOwners(object, context);
  if (!options.fieldsAreRecorded) await recordFields(kind, context, '', undefined, object);
  const name = object.metadata?.name ?? '';
  const attributes = admissionAttributes(definition, 'CREATE', context, { namespace, name, object });
  await keepingManagedFields(object, () => admission.admit(attributes));
  dropRepeatedOwners(object, context, afterMutatingAdmission);
}

/** System fields, validation, validating admission and the kind's allocations. Gives what undoes the latter. */
export async function finishCreate<T extends KubeObject>(
  { definition, admission, hooks, clock }: KindStore<T>,
  context: RequestContext,
  namespace: string,
  object: T,
): Promise<() => void> {
  prepareCreate(definition, namespace, object, clock.now());
  const name = object.metadata?.name ?? '';
  const errors = validateCreate(definition, object);
  if (errors.length === 0) errors.push(...(hooks.validate?.(object) ?? []));
  if (errors.length) throw newInvalid(definition, name, errors);
  for (const warning of definition.warnings?.(object) ?? []) context.warn(warning);
  await admission.validate(admissionAttributes(definition, 'CREATE', context, { namespace, name, object }));
  return (await hooks.beginCreate?.(context, object)) ?? (() => undefined);
}

async function createAdmitted<T extends KubeObject>(
  kind: KindStore<T>,
  context: RequestContext,
  namespace: string,
  object: T,
): Promise<CachedObject<T>> {
  const { definition, storage, ttlSeconds } = kind;
  const release = await finishCreate(kind, context, namespace, object);
  try {
    const key = storageKey(definition, namespace, object.metadata!.name!);
    return await storage.create(key, object, { ttlSeconds, dryRun: context.dryRun });
  } catch (error) {
    // What may have been written after all keeps what it holds; repairs free what nobody has.
    if (!isTimeout(error)) release();
    throw error;
  }
}

/** AlreadyExists says so when the other object is about to go. */
async function explainDeletion<T extends KubeObject>(
  { definition, storage }: KindStore<T>,
  namespace: string,
  object: T,
  create: () => Promise<CachedObject<T>>,
): Promise<CachedObject<T>> {
  try {
    return await create();
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    const key = storageKey(definition, namespace, object.metadata!.name!);
    const existing = await storage.get(key).catch(() => undefined);
    if (!existing?.object.metadata.deletionTimestamp) throw error;
    throw StatusError.from({ ...error.status, message: `object is being deleted: ${error.message}` });
  }
}

function nameNotGenerated<T extends KubeObject>({ resource }: KindStore<T>, error: StatusError): StatusError {
  const { name } = error.status.details ?? {};
  const message = `${formatGroupResource(resource)} "${name}" already exists, the server was not able to generate a unique name for the object`;
  return StatusError.from({
    ...error.status,
    message,
    details: { ...error.status.details, retryAfterSeconds: 1 },
  });
}

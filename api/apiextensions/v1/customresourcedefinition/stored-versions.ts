/** `status.storedVersions`: every version that objects in storage may have. Upstream: `registry/customresourcedefinition/strategy.go`. */
import type { CustomResourceDefinition } from './types';

/** Adds the storage version. Only a status update takes versions out, once no object is stored in them. */
export function recordStorageVersion(definition: CustomResourceDefinition): void {
  const storage = definition.spec?.versions?.find((version) => version.storage)?.name;
  const stored = definition.status?.storedVersions ?? [];
  if (storage === undefined || stored.includes(storage)) return;
  // The status may be that of the old object, which is shared.
  definition.status = { ...definition.status, storedVersions: [...stored, storage] };
}

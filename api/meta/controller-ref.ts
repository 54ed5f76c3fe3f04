/** Who manages an object: the owner reference with `controller: true` (apimachinery `meta/v1/controller_ref.go`). */
import type { ResourceDefinition } from './resource-definition';
import type { KubeObject, OwnerReference, Stored } from './types';

/** The reference to the managing controller, if there is one. */
export const getControllerOf = (object: KubeObject): OwnerReference | undefined =>
  object.metadata?.ownerReferences?.find((reference) => reference.controller === true);

/** True if `owner`, by its UID and not merely its name, manages `object`. */
export const isControlledBy = (object: KubeObject, owner: KubeObject): boolean => {
  const reference = getControllerOf(object);
  return reference !== undefined && reference.uid === owner.metadata?.uid;
};

/** The reference that an owner puts on what it creates. */
export const newControllerRef = (
  owner: Stored<KubeObject>,
  definition: Pick<ResourceDefinition, 'apiVersion' | 'kind'>,
): OwnerReference => ({
  apiVersion: definition.apiVersion,
  kind: definition.kind,
  name: owner.metadata.name,
  uid: owner.metadata.uid,
  controller: true,
  blockOwnerDeletion: true,
});

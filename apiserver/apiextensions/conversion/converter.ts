/**
 * Between the versions of one CustomResourceDefinition. Strategy None changes the apiVersion and nothing else; Webhook asks
 * a webhook, for many objects at once. Upstream: apiextensions-apiserver `pkg/apiserver/conversion`.
 */
import type { KubeObject } from '../../../api/meta/types';

export interface VersionConverter {
  /** The objects in `apiVersion`, in order; those that are in it already come back as they are. Objects given are not edited. */
  convert(objects: readonly KubeObject[], apiVersion: string): Promise<KubeObject[]>;
}

export const noneConverter: VersionConverter = {
  convert: async (objects, apiVersion) =>
    objects.map((object) => (object.apiVersion === apiVersion ? object : { ...object, apiVersion })),
};

import type { KubeObject } from '../../../api/meta/types';

/** A copy of the object without the finalizer. */
export const withoutFinalizer = <T extends KubeObject>(object: T, finalizer: string): T => ({
  ...object,
  metadata: { ...object.metadata, finalizers: object.metadata?.finalizers?.filter((name) => name !== finalizer) ?? [] },
});

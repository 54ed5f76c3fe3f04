/** Upstream: `registry/customresource/strategy.go`, generateWarningsFromObj. */
import type { KubeObject } from '../../api/meta/types';

const standard: readonly string[] = ['kubernetes', 'orphan', 'foregroundDeletion'];

/** New finalizers without a domain may be somebody else's too. */
export const finalizerWarnings = (object: KubeObject, old?: KubeObject): string[] =>
  [...new Set(object.metadata?.finalizers)]
    .filter((name) => !old?.metadata?.finalizers?.includes(name) && !name.includes('/') && !standard.includes(name))
    .sort()
    .map(
      (name) =>
        `metadata.finalizers: ${JSON.stringify(name)}: prefer a domain-qualified finalizer name including a path (/) to avoid accidental conflicts with other finalizer writers`,
    );

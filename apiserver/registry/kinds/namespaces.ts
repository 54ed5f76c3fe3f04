/**
 * A deleted namespace turns Terminating and stays until its controller has emptied it and taken `spec.finalizers` away.
 * Upstream: `registry/core/namespace/storage`.
 */
import type { Namespace } from '../../../api/core/v1/namespace';
import type { StoreHooks } from '../store';

export const createNamespaceHooks = (): StoreHooks<Namespace> => ({
  waitsForFinalization: (namespace) => (namespace.spec?.finalizers?.length ?? 0) > 0,
  beforeDelete(_context, namespace) {
    namespace.status = { ...namespace.status, phase: 'Terminating' };
  },
});

/** Deletes requests that are done with. Upstream: `pkg/controller/certificates/cleaner`. */
import {
  type CertificateSigningRequest,
  certificateSigningRequests,
} from '../../../api/certificates/v1/certificatesigningrequest';
import { isNotFound } from '../../../api/meta/status-error';
import type { Stored } from '../../../api/meta/types';
import { type ControllerDeps, defineController, enqueueSelf, watch } from '../../../client/controller';
import { csrApprover } from './approver';
import { certificateEndMs } from './x509';

const hourMs = 60 * 60 * 1000;
/** How long a request is kept after its last condition, and how long one that nobody decides. */
const keptMs = { Approved: hourMs, Denied: hourMs, Failed: hourMs, pending: 24 * hourMs };

/** When the request may go, in milliseconds since the epoch. */
export function disposableAtMs({ metadata, status }: Stored<CertificateSigningRequest>): number {
  const conditions = status?.conditions ?? [];
  const decided = (['Approved', 'Denied', 'Failed'] as const).flatMap((type) => {
    // An approved request that was never signed waits like one that is pending.
    if (type === 'Approved' && !status?.certificate) return [];
    const condition = conditions.find((each) => each.type === type);
    const since = condition && Date.parse(condition.lastUpdateTime ?? metadata.creationTimestamp);
    return since === undefined ? [] : [since + keptMs[type]];
  });
  const expires = status?.certificate ? certificateEndMs(status.certificate) : undefined;
  const pendingUntil = Date.parse(metadata.creationTimestamp) + keptMs.pending;
  return Math.min(...decided, expires ?? Infinity, decided.length ? Infinity : pendingUntil);
}

export const csrCleaner = defineController<ControllerDeps>({
  name: 'certificatesigningrequest-cleaner-controller',
  workers: 1,
  watches: [watch(certificateSigningRequests, enqueueSelf)],
  permissions: csrApprover.permissions,
  create({ client, clock, informers }) {
    const lister = informers.informer(certificateSigningRequests).lister;
    return {
      async reconcile(key) {
        const csr = lister.get(key);
        if (!csr) return;
        const leftMs = disposableAtMs(csr) - clock.now();
        if (leftMs > 0) return { requeueAfterMs: leftMs };
        try {
          await client.delete(certificateSigningRequests, key, undefined, { preconditions: { uid: csr.metadata.uid } });
        } catch (error) {
          if (!isNotFound(error)) throw error;
        }
      },
    };
  },
});

/** A request for a certificate says who asked for it, whatever its body claims. Upstream: `registry/certificates/certificates/strategy.go`. */
import type {
  CertificateSigningRequest,
  CertificateSigningRequestCondition,
} from '../../../api/certificates/v1/certificatesigningrequest';
import { type Clock, formatTime } from '../../../component-base/clock';
import type { StoreHooks } from '../store';

/** Gives new conditions the times their author left out. Edits `conditions`. */
export function fillConditionTimes(
  conditions: CertificateSigningRequestCondition[],
  old: readonly CertificateSigningRequestCondition[],
  nowText: string,
): void {
  for (const condition of conditions) {
    condition.lastUpdateTime ??= nowText;
    const same = old.find(({ type, status }) => type === condition.type && status === condition.status);
    condition.lastTransitionTime ??= same?.lastTransitionTime ?? nowText;
  }
}

export const createCertificateSigningRequestHooks = (clock: Clock): StoreHooks<CertificateSigningRequest> => ({
  beginCreate({ user }, { spec }) {
    spec.username = user.name;
    spec.groups = [...user.groups];
    if (user.uid) spec.uid = user.uid;
    else delete spec.uid;
    if (user.extra && Object.keys(user.extra).length) spec.extra = { ...user.extra };
    else delete spec.extra;
    return Promise.resolve();
  },
  beginUpdate(_context, { status }, old) {
    fillConditionTimes(status?.conditions ?? [], old.status?.conditions ?? [], formatTime(clock.now()));
    return Promise.resolve();
  },
});

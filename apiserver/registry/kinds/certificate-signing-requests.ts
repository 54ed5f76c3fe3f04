/** A request for a certificate says who asked for it, whatever its body claims. Upstream: `registry/certificates/certificates/strategy.go`. */
import type { CertificateSigningRequest } from '../../../api/certificates/v1/certificatesigningrequest';
import type { StoreHooks } from '../store';

export const createCertificateSigningRequestHooks = (): StoreHooks<CertificateSigningRequest> => ({
  beginCreate({ user }, { spec }) {
    spec.username = user.name;
    spec.groups = [...user.groups];
    if (user.uid) spec.uid = user.uid;
    else delete spec.uid;
    if (user.extra && Object.keys(user.extra).length) spec.extra = { ...user.extra };
    else delete spec.extra;
    return Promise.resolve();
  },
});

/** Signs approved requests with the cluster's CA. Upstream: `csrsigning` of `pkg/controller/certificates/signer`. */
import {
  type CertificateSigningRequest,
  certificateSigningRequests,
} from '../../../api/certificates/v1/certificatesigningrequest';
import type { Stored } from '../../../api/meta/types';
import { defineController, enqueueSelf, watch } from '../../../client/controller';
import { formatTime } from '../../../component-base/clock';
import type { ManagerDeps } from '../../manager-deps';
import { messageOf } from '../pod-control';
import { csrApprover } from './approver';
import { signerRules } from './request-rules';
import { hasFailed, isApproved, isIssued, withCondition } from './request-state';
import { loadSigner, readRequest, type Signer, signRequest } from './x509';

/** Clocks differ: certificates are good from a little before now. */
const backdateMs = 5 * 60 * 1000;

/** As long as was asked for, within the limit. */
export const validFor = ({ spec }: CertificateSigningRequest, limitMs: number): number =>
  spec.expirationSeconds === undefined ? limitMs : Math.min(spec.expirationSeconds * 1000, limitMs);

export const csrSigner = defineController<ManagerDeps>({
  name: 'certificatesigningrequest-signing-controller',
  workers: 5,
  watches: [watch(certificateSigningRequests, enqueueSelf)],
  permissions: csrApprover.permissions,
  create({ client, clock, config, informers }) {
    const lister = informers.informer(certificateSigningRequests).lister;
    let signer: Promise<Signer> | undefined;

    async function refuse(csr: Stored<CertificateSigningRequest>, message: string): Promise<void> {
      const time = formatTime(clock.now());
      const failed = withCondition(csr, {
        type: 'Failed',
        status: 'True',
        reason: 'SignerValidationFailure',
        message,
        lastUpdateTime: time,
        lastTransitionTime: time,
      });
      await client.updateStatus(certificateSigningRequests, failed);
    }

    return {
      async reconcile(key) {
        const csr = lister.get(key);
        if (!config.signer || !csr || !isApproved(csr) || isIssued(csr) || hasFailed(csr)) return;
        const rule = signerRules[csr.spec.signerName];
        if (!rule) return;
        const usages = csr.spec.usages ?? [];
        let certificate: string;
        signer ??= loadSigner(config.signer.certificate, config.signer.key);
        const authority = await signer;
        try {
          const refusal = rule(await readRequest(csr.spec.request), usages);
          if (refusal !== undefined) return await refuse(csr, refusal);
          const now = clock.now();
          certificate = await signRequest(csr.spec.request, usages, authority, {
            notBeforeMs: now - backdateMs,
            notAfterMs: now + validFor(csr, config.signingDurationMs),
          });
        } catch (error) {
          return refuse(csr, messageOf(error));
        }
        await client.updateStatus(certificateSigningRequests, { ...csr, status: { ...csr.status, certificate } });
      },
    };
  },
});

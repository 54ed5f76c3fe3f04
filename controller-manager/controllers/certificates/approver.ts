/** Approves the requests of nodes and proxies. Upstream: `csrapproving` of `pkg/controller/certificates/approver`. */
import type { SubjectAccessReview } from '../../../api/authorization/v1/subjectaccessreview';
import { subjectAccessReviews } from '../../../api/authorization/v1/subjectaccessreview';
import {
  type CertificateSigningRequest,
  certificateSigningRequests,
} from '../../../api/certificates/v1/certificatesigningrequest';
import { nodes } from '../../../api/core/v1/node';
import type { Stored } from '../../../api/meta/types';
import { type ControllerDeps, defineController, enqueueSelf, watch } from '../../../client/controller';
import { resourcePath } from '../../../client/resource-path';
import { formatTime } from '../../../component-base/clock';
import { eventWriter } from '../../event-writer';
import { type Recognizer, recognizers } from './recognizers';
import { isApproved, isDenied, isIssued, signerNames, withCondition } from './request-state';
import { readRequest } from './x509';

/** The Node's addresses may arrive after the request for a certificate over them. */
const addressRetryMs = 2000;
const addressPatienceMs = 10 * 60 * 1000;
const minRefusedRetryMs = 200;
const maxRefusedRetryMs = 1_000_000;

export const csrApprover = defineController<ControllerDeps>({
  name: 'certificatesigningrequest-approving-controller',
  workers: 5,
  watches: [watch(certificateSigningRequests, enqueueSelf)],
  permissions: [
    {
      apiGroups: ['certificates.k8s.io'],
      resources: ['certificatesigningrequests'],
      verbs: ['delete', 'get', 'list', 'watch'],
    },
    {
      apiGroups: ['certificates.k8s.io'],
      resources: ['certificatesigningrequests/approval', 'certificatesigningrequests/status'],
      verbs: ['update'],
    },
    {
      apiGroups: ['certificates.k8s.io'],
      resources: ['signers'],
      resourceNames: [signerNames.kubeletClient, signerNames.apiserverClient, signerNames.kubeletServing],
      verbs: ['approve'],
    },
    {
      apiGroups: ['certificates.k8s.io'],
      resources: ['signers'],
      resourceNames: Object.values(signerNames),
      verbs: ['sign'],
    },
    { apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'], verbs: ['create'] },
    { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch'] },
    eventWriter,
  ],
  create({ client, clock, informers }) {
    const lister = informers.informer(certificateSigningRequests).lister;
    const nodeLister = informers.informer(nodes).lister;

    async function isAllowed(csr: Stored<CertificateSigningRequest>, subresource: string): Promise<boolean> {
      const { username, uid, groups, extra } = csr.spec;
      const review: SubjectAccessReview = {
        spec: {
          ...(username !== undefined && { user: username }),
          ...(uid !== undefined && { uid }),
          ...(groups && { groups }),
          ...(extra && { extra }),
          resourceAttributes: {
            group: 'certificates.k8s.io',
            resource: 'certificatesigningrequests',
            verb: 'create',
            version: '*',
            subresource,
          },
        },
      };
      const answer = await client.create<SubjectAccessReview>(subjectAccessReviews, review);
      return answer.status?.allowed === true;
    }

    async function approve(csr: Stored<CertificateSigningRequest>, { message }: Recognizer): Promise<void> {
      const time = formatTime(clock.now());
      const approved = withCondition(csr, {
        type: 'Approved',
        status: 'True',
        reason: 'AutoApproved',
        message,
        lastUpdateTime: time,
        lastTransitionTime: time,
      });
      const path = resourcePath(certificateSigningRequests, { name: csr.metadata.name, subresource: 'approval' });
      const { apiVersion, kind } = certificateSigningRequests;
      await client.raw({ method: 'PUT', path, body: { ...approved, apiVersion, kind } });
    }

    return {
      async reconcile(key) {
        const csr = lister.get(key);
        if (!csr || isIssued(csr) || isApproved(csr) || isDenied(csr)) return;
        const names = await readRequest(csr.spec.request).catch(() => undefined);
        if (!names) return; // The signer reports what is wrong with it, should somebody approve it.
        const ageMs = clock.now() - Date.parse(csr.metadata.creationTimestamp);
        let refused = false;
        for (const recognizer of recognizers) {
          if (!recognizer.recognize(csr, names)) continue;
          const { allowedFor, subresource } = recognizer;
          const node = nodeLister.get(names.commonName.replace(/^system:node:/, ''));
          const allowed = allowedFor ? allowedFor(names, node) : await isAllowed(csr, subresource ?? '');
          if (allowed) return approve(csr, recognizer);
          if (allowedFor && ageMs < addressPatienceMs) return { requeueAfterMs: addressRetryMs };
          refused ||= !allowedFor;
        }
        // Whoever asked may be allowed to later. The pauses double with the request's age.
        if (refused) return { requeueAfterMs: Math.min(Math.max(ageMs, minRefusedRetryMs), maxRefusedRetryMs) };
      },
    };
  },
});

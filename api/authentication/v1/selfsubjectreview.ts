/** SelfSubjectReview: tells the caller who it is; never stored. */
import type { V1SelfSubjectReview } from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { defineResource } from '../../meta/resource-definition';
import type { Wire } from '../../meta/types';

export interface SelfSubjectReview extends Wire<V1SelfSubjectReview> {}

export const selfSubjectReviews = defineResource<SelfSubjectReview>({
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectReview',
  names: { plural: 'selfsubjectreviews', singular: 'selfsubjectreview' },
  scope: 'Cluster',
  verbs: ['create'],
});

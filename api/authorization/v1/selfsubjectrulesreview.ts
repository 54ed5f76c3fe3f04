/** SelfSubjectRulesReview: lists what the caller may do in a namespace; never stored. */
import type { V1SelfSubjectRulesReview } from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { defineResource } from '../../meta/resource-definition';
import type { Wire } from '../../meta/types';

export interface SelfSubjectRulesReview extends Wire<V1SelfSubjectRulesReview> {}

export const selfSubjectRulesReviews = defineResource<SelfSubjectRulesReview>({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectRulesReview',
  names: { plural: 'selfsubjectrulesreviews', singular: 'selfsubjectrulesreview' },
  scope: 'Cluster',
  verbs: ['create'],
});

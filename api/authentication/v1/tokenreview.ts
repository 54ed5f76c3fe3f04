/** TokenReview: asks whether a token is good; never stored. */
import type { V1TokenReview, V1TokenReviewSpec, V1TokenReviewStatus } from '@kubernetes/client-node' with {
  'resolution-mode': 'import',
};
import { defineResource } from '../../meta/resource-definition';
import type { Wire } from '../../meta/types';

export interface TokenReview extends Wire<V1TokenReview> {}
export interface TokenReviewSpec extends Wire<V1TokenReviewSpec> {}
export interface TokenReviewStatus extends Wire<V1TokenReviewStatus> {}

export const tokenReviews = defineResource<TokenReview>({
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'TokenReview',
  names: { plural: 'tokenreviews', singular: 'tokenreview' },
  scope: 'Cluster',
  verbs: ['create'],
});

/** SubjectAccessReview in its three forms: may a subject, or the caller, do something? Never stored. */
import type {
  V1LocalSubjectAccessReview,
  V1NonResourceAttributes,
  V1ResourceAttributes,
  V1SelfSubjectAccessReview,
  V1SubjectAccessReview,
  V1SubjectAccessReviewSpec,
  V1SubjectAccessReviewStatus,
} from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { defineResource } from '../../meta/resource-definition';
import type { Wire } from '../../meta/types';

export interface SubjectAccessReview extends Wire<V1SubjectAccessReview> {}
export interface SubjectAccessReviewSpec extends Wire<V1SubjectAccessReviewSpec> {}
export interface SubjectAccessReviewStatus extends Wire<V1SubjectAccessReviewStatus> {}
export interface SelfSubjectAccessReview extends Wire<V1SelfSubjectAccessReview> {}
export interface LocalSubjectAccessReview extends Wire<V1LocalSubjectAccessReview> {}
export interface ResourceAttributes extends Wire<V1ResourceAttributes> {}
export interface NonResourceAttributes extends Wire<V1NonResourceAttributes> {}

export const subjectAccessReviews = defineResource<SubjectAccessReview>({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SubjectAccessReview',
  names: { plural: 'subjectaccessreviews', singular: 'subjectaccessreview' },
  scope: 'Cluster',
  verbs: ['create'],
});

export const selfSubjectAccessReviews = defineResource<SelfSubjectAccessReview>({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectAccessReview',
  names: { plural: 'selfsubjectaccessreviews', singular: 'selfsubjectaccessreview' },
  scope: 'Cluster',
  verbs: ['create'],
});

export const localSubjectAccessReviews = defineResource<LocalSubjectAccessReview>({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'LocalSubjectAccessReview',
  names: { plural: 'localsubjectaccessreviews', singular: 'localsubjectaccessreview' },
  scope: 'Namespaced',
  verbs: ['create'],
});

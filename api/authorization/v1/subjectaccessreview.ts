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
import { at } from '../../meta/field-checks';
import { type FieldError, invalid } from '../../meta/field-error';
import { defineResource } from '../../meta/resource-definition';
import type { Wire } from '../../meta/types';

export interface SubjectAccessReview extends Wire<V1SubjectAccessReview> {}
export interface SubjectAccessReviewSpec extends Wire<V1SubjectAccessReviewSpec> {}
export interface SubjectAccessReviewStatus extends Wire<V1SubjectAccessReviewStatus> {}
export interface SelfSubjectAccessReview extends Wire<V1SelfSubjectAccessReview> {}
export interface LocalSubjectAccessReview extends Wire<V1LocalSubjectAccessReview> {}
export interface ResourceAttributes extends Wire<V1ResourceAttributes> {}
export interface NonResourceAttributes extends Wire<V1NonResourceAttributes> {}

type Attributes = Pick<SubjectAccessReviewSpec, 'resourceAttributes' | 'nonResourceAttributes'>;

/** Exactly one kind of request is asked about. Upstream: `pkg/apis/authorization/validation`. */
function validateAttributes({ resourceAttributes, nonResourceAttributes }: Attributes): FieldError[] {
  const path = at('spec');
  if (resourceAttributes && nonResourceAttributes) {
    const detail = 'cannot be specified in combination with resourceAttributes';
    return [invalid(path.child('nonResourceAttributes'), nonResourceAttributes, detail)];
  }
  if (resourceAttributes || nonResourceAttributes) return [];
  const detail = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
  return [invalid(path.child('resourceAttributes'), resourceAttributes, detail)];
}

function validateSubject(spec: SubjectAccessReviewSpec): FieldError[] {
  if (spec.user || spec.groups?.length) return [];
  return [invalid(at('spec', 'user'), spec.user ?? '', 'at least one of user or group must be specified')];
}

function validateLocal({ metadata, spec }: LocalSubjectAccessReview): FieldError[] {
  const { resourceAttributes, nonResourceAttributes } = spec;
  const errors = [...validateAttributes(spec), ...validateSubject(spec)];
  const namespace = resourceAttributes?.namespace ?? '';
  if (resourceAttributes && namespace !== metadata?.namespace) {
    errors.push(invalid(at('spec', 'resourceAttributes', 'namespace'), namespace, 'must match metadata.namespace'));
  }
  if (nonResourceAttributes) {
    const path = at('spec', 'nonResourceAttributes');
    errors.push(invalid(path, nonResourceAttributes, 'disallowed on this kind of request'));
  }
  return errors;
}

export const subjectAccessReviews = defineResource<SubjectAccessReview>({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SubjectAccessReview',
  names: { plural: 'subjectaccessreviews', singular: 'subjectaccessreview' },
  scope: 'Cluster',
  verbs: ['create'],
  validate: ({ spec }) => [...validateAttributes(spec), ...validateSubject(spec)],
});

export const selfSubjectAccessReviews = defineResource<SelfSubjectAccessReview>({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectAccessReview',
  names: { plural: 'selfsubjectaccessreviews', singular: 'selfsubjectaccessreview' },
  scope: 'Cluster',
  verbs: ['create'],
  validate: ({ spec }) => validateAttributes(spec),
});

export const localSubjectAccessReviews = defineResource<LocalSubjectAccessReview>({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'LocalSubjectAccessReview',
  names: { plural: 'localsubjectaccessreviews', singular: 'localsubjectaccessreview' },
  scope: 'Namespaced',
  verbs: ['create'],
  validate: validateLocal,
});

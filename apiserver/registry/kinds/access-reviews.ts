/** The reviews of authorization.k8s.io: answered, never stored. Upstream: `registry/authorization`. */
import type {
  LocalSubjectAccessReview,
  SelfSubjectAccessReview,
  SubjectAccessReview,
  SubjectAccessReviewSpec,
  SubjectAccessReviewStatus,
} from '../../../api/authorization/v1/subjectaccessreview';
import type { SelfSubjectRulesReview } from '../../../api/authorization/v1/selfsubjectrulesreview';
import { type FieldError, FieldPath, invalid, required } from '../../../api/meta/field-error';
import { newBadRequest, newInvalid } from '../../../api/meta/status-error';
import type { KubeObject } from '../../../api/meta/types';
import type { PolicyRule } from '../../../api/rbac/v1';
import { type Authorizer, type AuthorizerAttributes, resourceAttributes } from '../../authorization/authorizer';
import type { UserInfo } from '../../request-context';
import type { ConnectHandler } from '../connect';

const group = 'authorization.k8s.io';

type ReviewSpec = Pick<SubjectAccessReviewSpec, 'resourceAttributes' | 'nonResourceAttributes'>;

export function attributesOfSpec(spec: ReviewSpec): AuthorizerAttributes {
  const { resourceAttributes: resource, nonResourceAttributes: path } = spec;
  if (!resource)
    return { ...resourceAttributes({}), resourceRequest: false, verb: path?.verb ?? '', path: path?.path ?? '' };
  const selector = resource.fieldSelector?.requirements
    ?.filter((requirement) => requirement.operator === 'In' && requirement.values?.length === 1)
    .map((requirement) => `${requirement.key}=${requirement.values![0]}`)
    .join(',');
  return resourceAttributes({
    verb: resource.verb ?? '',
    namespace: resource.namespace ?? '',
    apiGroup: resource.group ?? '',
    apiVersion: resource.version ?? '',
    resource: resource.resource ?? '',
    subresource: resource.subresource ?? '',
    name: resource.name ?? '',
    fieldSelector: resource.fieldSelector?.rawSelector ?? (selector || undefined),
  });
}

function validateSpec(spec: ReviewSpec): FieldError[] {
  const path = FieldPath.of('spec');
  if (spec.resourceAttributes && spec.nonResourceAttributes) {
    return [
      invalid(
        path.child('nonResourceAttributes'),
        spec.nonResourceAttributes,
        'cannot be specified in combination with resourceAttributes',
      ),
    ];
  }
  if (!spec.resourceAttributes && !spec.nonResourceAttributes) {
    return [
      invalid(
        path.child('resourceAttributes'),
        spec.nonResourceAttributes ?? null,
        'exactly one of nonResourceAttributes or resourceAttributes must be specified',
      ),
    ];
  }
  return [];
}

function validateSubject(spec: SubjectAccessReviewSpec): FieldError[] {
  if (spec.user || spec.groups?.length) return [];
  return [required(FieldPath.of('spec', 'user'), 'at least one of user or group must be specified')];
}

function refuseInvalid(kind: string, errors: FieldError[]): void {
  if (errors.length) throw newInvalid({ group, kind }, '', errors);
}

/** A body without spec asks about nothing, which validation refuses. */
const withSpec = <T extends { spec: object }>(object: T): T => ({ ...object, spec: object.spec ?? {} });

const userOf = (spec: SubjectAccessReviewSpec): UserInfo => ({
  name: spec.user ?? '',
  uid: spec.uid,
  groups: spec.groups ?? [],
  extra: spec.extra,
});

export interface SubjectRulesStatus {
  resourceRules: PolicyRule[];
  nonResourceRules: PolicyRule[];
  incomplete: boolean;
  evaluationError?: string;
}

export function createAccessReviewHandlers(authorizer: Authorizer): Record<string, Record<'', ConnectHandler>> {
  const review = async (user: UserInfo, spec: ReviewSpec): Promise<SubjectAccessReviewStatus> => {
    const { decision, reason, evaluationError } = await authorizer.authorize(user, attributesOfSpec(spec));
    return {
      allowed: decision === 'allow',
      ...(decision === 'deny' && { denied: true }),
      ...(reason && { reason }),
      ...(evaluationError && { evaluationError }),
    };
  };
  const answer = (object: KubeObject, status: object) => ({ code: 201, object: { ...object, status } as KubeObject });

  return {
    subjectaccessreviews: {
      '': async ({ body }) => {
        const object = withSpec(body as SubjectAccessReview);
        refuseInvalid('SubjectAccessReview', [...validateSpec(object.spec), ...validateSubject(object.spec)]);
        return answer(object, await review(userOf(object.spec), object.spec));
      },
    },
    localsubjectaccessreviews: {
      '': async ({ body, namespace }) => {
        const object = withSpec(body as LocalSubjectAccessReview);
        refuseInvalid('LocalSubjectAccessReview', [...validateSpec(object.spec), ...validateSubject(object.spec)]);
        const inner = object.spec.resourceAttributes?.namespace;
        if (object.spec.resourceAttributes && inner !== namespace) {
          throw newBadRequest(
            `spec.resourceAttributes.namespace must match namespace: expected ${JSON.stringify(namespace)}, got ${JSON.stringify(inner ?? '')}`,
          );
        }
        return answer(object, await review(userOf(object.spec), object.spec));
      },
    },
    selfsubjectaccessreviews: {
      '': async ({ body, context }) => {
        const object = withSpec(body as SelfSubjectAccessReview);
        refuseInvalid('SelfSubjectAccessReview', validateSpec(object.spec));
        return answer(object, await review(context.user, object.spec));
      },
    },
    selfsubjectrulesreviews: {
      '': async ({ body, context }) => {
        const object = body as SelfSubjectRulesReview;
        const namespace = object.spec?.namespace;
        if (!namespace) throw newBadRequest('no namespace on request');
        const { rules, incomplete, evaluationError } = await authorizer.rulesFor(context.user, namespace);
        const status: SubjectRulesStatus = {
          resourceRules: rules.filter((rule) => rule.resources?.length),
          nonResourceRules: rules
            .filter((rule) => rule.nonResourceURLs?.length)
            .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
          incomplete,
          ...(evaluationError && { evaluationError }),
        };
        return answer(object, status);
      },
    },
  };
}

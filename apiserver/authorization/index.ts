/** The configured authorizers as one: the first that allows or denies decides. system:masters may do everything. */
import { pods } from '../../api/core/v1/pod';
import type { Loopback } from '../registry/loopback';
import type { Authorizer, UserRules } from './authorizer';
import { createNodeAuthorizer } from './node';
import { createRbacAuthorizer, type RbacAuthorizer, rbacViewsOf } from './rbac';

export type AuthorizationMode = 'Node' | 'RBAC' | 'AlwaysAllow' | 'AlwaysDeny';

export interface AuthorizerChain extends Authorizer {
  /** For escalation checks on role writes; undefined without RBAC. */
  readonly rbac?: RbacAuthorizer;
}

const everything = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

const alwaysAllow: Authorizer = {
  authorize: async () => ({ decision: 'allow', reason: '' }),
  rulesFor: async () => ({ rules: everything, incomplete: false }),
};

const alwaysDeny: Authorizer = {
  authorize: async () => ({ decision: 'no-opinion', reason: 'Everything is forbidden.' }),
  rulesFor: async () => ({ rules: [], incomplete: false }),
};

/** Upstream's privileged group authorizer, always first. */
const masters: Authorizer = {
  authorize: async (user) => ({
    decision: user.groups.includes('system:masters') ? 'allow' : 'no-opinion',
    reason: '',
  }),
  rulesFor: async () => ({ rules: [], incomplete: false }),
};

export function createAuthorizer(deps: { modes: readonly AuthorizationMode[]; loopback: Loopback }): AuthorizerChain {
  const { modes, loopback } = deps;
  const rbac = modes.includes('RBAC')
    ? createRbacAuthorizer(rbacViewsOf((definition) => loopback.view(definition) as any))
    : undefined;
  const byMode: Record<AuthorizationMode, () => Authorizer> = {
    Node: () => createNodeAuthorizer(loopback.view(pods)),
    RBAC: () => rbac!,
    AlwaysAllow: () => alwaysAllow,
    AlwaysDeny: () => alwaysDeny,
  };
  return { ...chainAuthorizers([masters, ...modes.map((mode) => byMode[mode]())]), rbac };
}

export function chainAuthorizers(authorizers: readonly Authorizer[]): Authorizer {
  return {
    async authorize(user, attributes) {
      const reasons: string[] = [];
      const errors: string[] = [];
      for (const authorizer of authorizers) {
        const verdict = await authorizer.authorize(user, attributes);
        if (verdict.decision !== 'no-opinion') return verdict;
        if (verdict.reason) reasons.push(verdict.reason);
        if (verdict.evaluationError) errors.push(verdict.evaluationError);
      }
      return {
        decision: 'no-opinion',
        reason: reasons.join('\n'),
        ...(errors.length && { evaluationError: errors.join(', ') }),
      };
    },
    async rulesFor(user, namespace) {
      const all: UserRules = { rules: [], incomplete: false };
      const errors: string[] = [];
      for (const authorizer of authorizers) {
        const one = await authorizer.rulesFor(user, namespace);
        all.rules.push(...one.rules);
        all.incomplete ||= one.incomplete;
        if (one.evaluationError) errors.push(one.evaluationError);
      }
      return { ...all, ...(errors.length && { evaluationError: errors.join(', ') }) };
    },
  };
}

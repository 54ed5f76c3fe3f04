import { clusterRoleBindings, clusterRoles, roleBindings, roles } from '../../../../api/rbac/v1';
import { createAuthorizer } from '../../../../apiserver/authorization';
import { newAuthorizationError, resourceAttributes } from '../../../../apiserver/authorization/authorizer';
import { checkBindingWrite, checkRoleWrite } from '../../../../apiserver/authorization/escalation';
import { createTestLoopback } from '../../../support/loopback';

const apiGroup = 'rbac.authorization.k8s.io';
const jane = { name: 'jane', groups: ['dev', 'system:authenticated'] };
const getPods = (namespace: string) => resourceAttributes({ verb: 'get', resource: 'pods', namespace });
const readPods = { verbs: ['get', 'list'], apiGroups: [''], resources: ['pods'] };

function setUp() {
  const loopback = createTestLoopback();
  const authorizer = createAuthorizer({ modes: ['RBAC'], loopback });
  loopback.put(clusterRoles, { metadata: { name: 'pod-reader' }, rules: [readPods] });
  const bind = (kind: string, name: string, more: object = {}) =>
    loopback.put(roleBindings, {
      metadata: { namespace: 'apps', name: `b-${name}` },
      roleRef: { apiGroup, kind: 'ClusterRole', name: 'pod-reader' },
      subjects: [{ kind, name, ...more }],
    });
  const decide = async (user: typeof jane, namespace: string) =>
    (await authorizer.authorize(user, getPods(namespace))).decision;
  return { loopback, authorizer, bind, decide };
}

describe('RBAC authorizer', () => {
  it('allows system:masters everything and others nothing', async () => {
    const { decide } = setUp();
    expect(await decide({ name: 'root', groups: ['system:masters'] }, 'apps')).toBe('allow');
    expect(await decide(jane, 'apps')).toBe('no-opinion');
  });

  it('allows in the namespace of a RoleBinding, by user, group and service account', async () => {
    const { bind, decide, loopback } = setUp();
    bind('User', 'jane');
    expect(await decide(jane, 'apps')).toBe('allow');
    expect(await decide(jane, 'other')).toBe('no-opinion');
    expect(await decide(jane, '')).toBe('no-opinion');
    loopback.remove(roleBindings, 'apps/b-jane');
    expect(await decide(jane, 'apps')).toBe('no-opinion');
    bind('Group', 'dev');
    expect(await decide(jane, 'apps')).toBe('allow');
    bind('ServiceAccount', 'web', { namespace: 'apps' });
    expect(await decide({ name: 'system:serviceaccount:apps:web', groups: [] }, 'apps')).toBe('allow');
    expect(await decide({ name: 'system:serviceaccount:other:web', groups: [] }, 'apps')).toBe('no-opinion');
  });

  it('allows everywhere by a ClusterRoleBinding, and says by which', async () => {
    const { loopback, authorizer } = setUp();
    loopback.put(clusterRoleBindings, {
      metadata: { name: 'all' },
      roleRef: { apiGroup, kind: 'ClusterRole', name: 'pod-reader' },
      subjects: [{ kind: 'Group', name: 'dev' }],
    });
    expect(await authorizer.authorize(jane, getPods('any'))).toEqual({
      decision: 'allow',
      reason: 'RBAC: allowed by ClusterRoleBinding "all" of ClusterRole "pod-reader" to Group "dev"',
    });
  });

  it('names a role that does not exist', async () => {
    const { loopback, authorizer } = setUp();
    loopback.put(roleBindings, {
      metadata: { namespace: 'apps', name: 'dangling' },
      roleRef: { apiGroup, kind: 'Role', name: 'gone' },
      subjects: [{ kind: 'User', name: 'jane' }],
    });
    const { reason } = await authorizer.authorize(jane, getPods('apps'));
    expect(reason).toBe('RBAC: role.rbac.authorization.k8s.io "gone" not found');
    expect(await authorizer.rulesFor(jane, 'apps')).toMatchObject({ incomplete: true, rules: [] });
  });

  it('refuses in upstream words', () => {
    const attributes = resourceAttributes({ verb: 'list', resource: 'pods', subresource: 'log', namespace: 'apps' });
    expect(newAuthorizationError(jane, attributes, '').message).toBe(
      'pods is forbidden: User "jane" cannot list resource "pods/log" in API group "" in the namespace "apps"',
    );
    const url = { ...resourceAttributes({ verb: 'get', path: '/metrics' }), resourceRequest: false };
    expect(newAuthorizationError(jane, url, '').message).toBe('forbidden: User "jane" cannot get path "/metrics"');
  });
});

describe('escalation', () => {
  const role = { plural: 'roles' as const, namespace: 'apps', name: 'r', aggregates: false };

  it('lets nobody grant what they do not hold', async () => {
    const { bind, authorizer } = setUp();
    const deps = { rbac: authorizer.rbac!, authorizer };
    await expect(checkRoleWrite(deps, jane, { ...role, rules: [readPods] })).rejects.toThrow(
      'roles.rbac.authorization.k8s.io "r" is forbidden: user "jane" (groups=["dev" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n' +
        '{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}',
    );
    bind('User', 'jane');
    await expect(checkRoleWrite(deps, jane, { ...role, rules: [readPods] })).resolves.toBeUndefined();
    await expect(checkRoleWrite(deps, jane, { ...role, rules: [], aggregates: true })).rejects.toThrow(
      'must have cluster-admin privileges to use the aggregationRule',
    );
  });

  it('lets those who may escalate', async () => {
    const { loopback, authorizer } = setUp();
    loopback.put(roles, {
      metadata: { namespace: 'apps', name: 'escalator' },
      rules: [{ verbs: ['escalate'], apiGroups: [apiGroup], resources: ['roles'] }],
    });
    loopback.put(roleBindings, {
      metadata: { namespace: 'apps', name: 'escalator' },
      roleRef: { apiGroup, kind: 'Role', name: 'escalator' },
      subjects: [{ kind: 'User', name: 'jane' }],
    });
    const deps = { rbac: authorizer.rbac!, authorizer };
    await expect(checkRoleWrite(deps, jane, { ...role, rules: [readPods] })).resolves.toBeUndefined();
  });

  it('lets only those bind a role who hold it or may bind it', async () => {
    const { bind, authorizer } = setUp();
    const deps = { rbac: authorizer.rbac!, authorizer };
    const binding = {
      plural: 'rolebindings' as const,
      namespace: 'apps',
      name: 'b',
      ref: { kind: 'ClusterRole', name: 'pod-reader' },
    };
    await expect(checkBindingWrite(deps, jane, binding)).rejects.toThrow('not currently held');
    bind('Group', 'dev');
    await expect(checkBindingWrite(deps, jane, binding)).resolves.toBeUndefined();
  });
});

import {
  bootstrapClusterRoleBindings,
  bootstrapClusterRoles,
  bootstrapRoleBindings,
  bootstrapRoles,
} from '../../../../../apiserver/authorization/bootstrap/policy';

const names = (objects: { metadata?: { name?: string } }[]) => objects.map((object) => object.metadata?.name);

describe('bootstrap policy', () => {
  it('binds only roles that exist, and names each object once', () => {
    const clusterRoles = new Set(names(bootstrapClusterRoles));
    expect(clusterRoles.size).toBe(bootstrapClusterRoles.length);
    expect(new Set(names(bootstrapClusterRoleBindings)).size).toBe(bootstrapClusterRoleBindings.length);
    for (const { roleRef } of bootstrapClusterRoleBindings) expect(clusterRoles).toContain(roleRef.name);
    const roles = new Set(bootstrapRoles.map(({ metadata }) => `${metadata?.namespace}/${metadata?.name}`));
    for (const { metadata, roleRef } of bootstrapRoleBindings) {
      expect(roles).toContain(`${metadata?.namespace}/${roleRef.name}`);
    }
  });

  it('has the roles that people and tools expect', () => {
    for (const name of ['cluster-admin', 'admin', 'edit', 'view', 'system:node', 'system:kube-scheduler']) {
      expect(names(bootstrapClusterRoles)).toContain(name);
    }
    expect(
      names(bootstrapClusterRoles).filter((name) => name?.startsWith('system:controller:')).length,
    ).toBeGreaterThan(25);
  });

  it('gives anonymous nothing but public information', () => {
    const open = bootstrapClusterRoleBindings.filter(({ subjects }) =>
      subjects?.some(({ name }) => name === 'system:unauthenticated'),
    );
    expect(names(open)).toEqual(['system:public-info-viewer']);
  });
});

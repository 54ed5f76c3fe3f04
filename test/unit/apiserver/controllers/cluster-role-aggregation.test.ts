import { aggregateRules } from '../../../../apiserver/controllers/cluster-role-aggregation';
import { aggregatedRole, clusterRole, rule } from '../../../../apiserver/authorization/bootstrap/rules';
import type { Stored } from '../../../../api/meta/types';
import type { ClusterRole } from '../../../../api/rbac/v1';

describe('aggregated roles', () => {
  it('have the rules of the roles they select, each once, and not their own', () => {
    const pods = rule('get', 'core', 'pods');
    const jobs = rule('get', 'batch', 'jobs');
    const sum = aggregatedRole('sum', 'example.com/sum', { 'example.com/sum': 'true' });
    const all = [
      { ...sum, rules: [rule('*', '*', '*')] },
      clusterRole('b', [jobs, pods], { 'example.com/sum': 'true' }),
      clusterRole('a', [pods], { 'example.com/sum': 'true' }),
      clusterRole('c', [rule('delete', 'core', 'pods')]),
    ] as Stored<ClusterRole>[];
    expect(aggregateRules(sum, all)).toEqual([pods, jobs]);
  });
});

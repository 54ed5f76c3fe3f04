import { mendBinding, mendRole } from '../../../../apiserver/controllers/rbac-bootstrap';
import { clusterBinding, clusterRole, group, rule, user } from '../../../../apiserver/authorization/bootstrap/rules';

describe('RBAC bootstrap', () => {
  const wanted = clusterRole('r', [rule('get list', 'core', 'pods'), rule('get', 'apps', 'deployments')]);

  it('adds missing rules and keeps what was added by hand', () => {
    const own = rule('delete', 'core', 'secrets');
    const current = clusterRole('r', [rule('get list watch', 'core', 'pods services'), own]);
    mendRole(current, wanted);
    expect(current.rules).toEqual([
      rule('get list watch', 'core', 'pods services'),
      own,
      rule('get', 'apps', 'deployments'),
    ]);
  });

  it('leaves alone what is not to be updated', () => {
    const current = {
      metadata: { annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'false' } },
      rules: [],
    };
    mendRole(current, wanted);
    expect(current.rules).toEqual([]);
  });

  it('adds missing subjects', () => {
    const current = clusterBinding('b', [user('jane')]);
    mendBinding(current, clusterBinding('b', [group('dev')]));
    expect(current.subjects).toEqual([user('jane'), group('dev')]);
  });
});

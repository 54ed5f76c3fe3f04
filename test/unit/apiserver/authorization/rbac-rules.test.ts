import { resourceAttributes } from '../../../../apiserver/authorization/authorizer';
import { formatRules, ruleAllows, uncoveredRules } from '../../../../apiserver/authorization/rbac-rules';

const path = (verb: string, url: string) => ({ ...resourceAttributes({ verb, path: url }), resourceRequest: false });
const pods = (verb: string, subresource = '', name = '') =>
  resourceAttributes({ verb, resource: 'pods', subresource, name });

describe('RBAC rules', () => {
  const rule = { verbs: ['get', 'list'], apiGroups: [''], resources: ['pods'] };

  it('allow their verbs on their resources, not on subresources', () => {
    expect(ruleAllows(pods('get'), rule)).toBe(true);
    expect(ruleAllows(pods('delete'), rule)).toBe(false);
    expect(ruleAllows(pods('get', 'log'), rule)).toBe(false);
    expect(ruleAllows(resourceAttributes({ verb: 'get', apiGroup: 'apps', resource: 'pods' }), rule)).toBe(false);
  });

  it('match subresources by name, by */subresource and by *', () => {
    for (const resources of [['pods/log'], ['*/log'], ['*']]) {
      expect(ruleAllows(pods('get', 'log'), { ...rule, resources })).toBe(true);
    }
    expect(ruleAllows(pods('get'), { ...rule, resources: ['*/log'] })).toBe(false);
  });

  it('are limited to resource names', () => {
    const named = { ...rule, resourceNames: ['web'] };
    expect(ruleAllows(pods('get', '', 'web'), named)).toBe(true);
    expect(ruleAllows(pods('get', '', 'other'), named)).toBe(false);
    expect(ruleAllows(pods('list'), named)).toBe(false);
  });

  it('match paths exactly, by prefix and all', () => {
    const urls = { verbs: ['get'], nonResourceURLs: ['/healthz', '/apis/*'] };
    expect(ruleAllows(path('get', '/healthz'), urls)).toBe(true);
    expect(ruleAllows(path('get', '/healthz/etcd'), urls)).toBe(false);
    expect(ruleAllows(path('get', '/apis/apps'), urls)).toBe(true);
    expect(ruleAllows(path('post', '/healthz'), urls)).toBe(false);
    expect(ruleAllows(path('get', '/x'), { verbs: ['*'], nonResourceURLs: ['*'] })).toBe(true);
    // A rule for all resources says nothing about paths.
    expect(ruleAllows(path('get', '/x'), { verbs: ['*'], apiGroups: ['*'], resources: ['*'] })).toBe(false);
  });

  it('cover one another part by part', () => {
    const owned = [
      { verbs: ['get'], apiGroups: ['', 'apps'], resources: ['pods', 'deployments'] },
      { verbs: ['*'], apiGroups: ['batch'], resources: ['*'] },
    ];
    expect(uncoveredRules(owned, [{ verbs: ['get'], apiGroups: ['apps'], resources: ['deployments'] }])).toEqual([]);
    expect(uncoveredRules(owned, [{ verbs: ['watch'], apiGroups: ['batch'], resources: ['jobs/status'] }])).toEqual([]);
    expect(
      uncoveredRules(owned, [{ verbs: ['get', 'delete'], apiGroups: [''], resources: ['pods', 'secrets'] }]),
    ).toHaveLength(3);
    const named = [{ ...owned[0]!, resourceNames: ['web'] }];
    expect(uncoveredRules(named, [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }])).toHaveLength(1);
    expect(
      uncoveredRules(named, [{ verbs: ['get'], apiGroups: [''], resources: ['pods'], resourceNames: ['web'] }]),
    ).toEqual([]);
  });

  it('print compactly', () => {
    expect(
      formatRules([
        { verbs: ['get'], apiGroups: ['apps'], resources: ['deployments'] },
        { verbs: ['list'], apiGroups: ['apps'], resources: ['deployments'] },
        { verbs: ['get'], nonResourceURLs: ['/x'] },
      ]),
    ).toEqual([
      '{APIGroups:["apps"], Resources:["deployments"], Verbs:["get" "list"]}',
      '{NonResourceURLs:["/x"], Verbs:["get"]}',
    ]);
  });
});

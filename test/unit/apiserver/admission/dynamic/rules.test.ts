import { isExempt, ruleMatches, type RuleSubject } from '../../../../../apiserver/admission/dynamic/rules';

const subject: RuleSubject = {
  operation: 'CREATE',
  group: 'apps',
  version: 'v1',
  resource: 'deployments',
  subresource: '',
  name: 'web',
  namespaced: true,
};
const rule = { operations: ['CREATE'], apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments'] };

describe('a rule', () => {
  it.each<[string, Record<string, unknown>, Partial<RuleSubject>, boolean]>([
    ['covers what it names', {}, {}, true],
    ['covers no other operation', {}, { operation: 'UPDATE' }, false],
    ['covers all operations by a star', { operations: ['*'] }, { operation: 'CONNECT' }, true],
    ['covers no other group', {}, { group: '' }, false],
    [
      'covers all groups and versions by stars',
      { apiGroups: ['*'], apiVersions: ['*'] },
      { group: 'x', version: 'v7' },
      true,
    ],
    ['covers no subresource unless it says so', {}, { subresource: 'status' }, false],
    ['covers all resources but no subresource by a star', { resources: ['*'] }, { subresource: 'scale' }, false],
    ['covers one subresource', { resources: ['deployments/scale'] }, { subresource: 'scale' }, true],
    ['covers not the main resource by its subresource', { resources: ['deployments/scale'] }, {}, false],
    [
      'covers one subresource of all resources',
      { resources: ['*/scale'] },
      { resource: 'x', subresource: 'scale' },
      true,
    ],
    [
      'covers the main resource and its subresources by a star after the slash',
      { resources: ['deployments/*'] },
      {},
      true,
    ],
    ['covers everything', { resources: ['*/*'] }, { resource: 'x', subresource: 'y' }, true],
    ['of cluster scope does not cover what is in a namespace', { scope: 'Cluster' }, {}, false],
    ['of cluster scope covers what is in none', { scope: 'Cluster' }, { namespaced: false }, true],
    ['of namespaced scope does not cover what is in none', { scope: 'Namespaced' }, { namespaced: false }, false],
    ['of any scope covers both', { scope: '*' }, { namespaced: false }, true],
    ['covers only the objects that it names', { resourceNames: ['other'] }, {}, false],
    ['covers an object that it names', { resourceNames: ['other', 'web'] }, {}, true],
    ['without resources covers nothing', { resources: undefined }, {}, false],
  ])('%s', (_, ruleChange, subjectChange, expected) => {
    expect(ruleMatches({ ...rule, ...ruleChange }, { ...subject, ...subjectChange })).toBe(expected);
  });

  it('never speaks of what configures admission', () => {
    expect(isExempt('admissionregistration.k8s.io', 'validatingadmissionpolicybindings')).toBe(true);
    expect(isExempt('example.com', 'mutatingwebhookconfigurations')).toBe(false);
    expect(isExempt('', 'pods')).toBe(false);
  });
});

import { createAccessReviewHandlers } from '../../../../../apiserver/registry/kinds/access-reviews';
import type { Authorizer } from '../../../../../apiserver/authorization/authorizer';
import type { ConnectRequest } from '../../../../../apiserver/registry/connect';
import { createTestLoopback } from '../../../../support/loopback';

const authorizer: Authorizer = {
  authorize: async (user, { verb, path }) => ({
    decision: user.name === 'jane' && (verb === 'get' || path === '/metrics') ? 'allow' : 'no-opinion',
    reason: user.name === 'jane' ? 'because' : '',
  }),
  rulesFor: async () => ({
    rules: [
      { verbs: ['get'], apiGroups: [''], resources: ['pods'] },
      { verbs: ['get'], nonResourceURLs: ['/healthz'] },
    ],
    incomplete: false,
  }),
};
const handlers = createAccessReviewHandlers(authorizer);
const ask = async (kind: string, spec: object, namespace = '') => {
  const context = createTestLoopback().contextOf({ name: 'jane', groups: [] });
  const request = { context, namespace, body: { kind, spec } } as unknown as ConnectRequest;
  return ((await handlers[kind]![''](request)) as { object: any }).object.status;
};

describe('access reviews', () => {
  it('answer for a subject, for oneself, and for paths', async () => {
    const resourceAttributes = { verb: 'get', resource: 'pods' };
    expect(await ask('subjectaccessreviews', { user: 'bob', resourceAttributes })).toEqual({ allowed: false });
    expect(await ask('selfsubjectaccessreviews', { resourceAttributes })).toEqual({ allowed: true, reason: 'because' });
    const nonResourceAttributes = { verb: 'post', path: '/metrics' };
    expect(await ask('selfsubjectaccessreviews', { nonResourceAttributes })).toMatchObject({ allowed: true });
  });

  it('refuse reviews that ask nothing, too much, or for nobody', async () => {
    await expect(ask('selfsubjectaccessreviews', {})).rejects.toThrow(
      'exactly one of nonResourceAttributes or resourceAttributes must be specified',
    );
    const both = { resourceAttributes: {}, nonResourceAttributes: {} };
    await expect(ask('selfsubjectaccessreviews', both)).rejects.toThrow(
      'cannot be specified in combination with resourceAttributes',
    );
    await expect(ask('subjectaccessreviews', { resourceAttributes: {} })).rejects.toThrow(
      'at least one of user or group must be specified',
    );
  });

  it('keep local reviews in their namespace', async () => {
    const spec = { user: 'jane', resourceAttributes: { namespace: 'b', verb: 'get' } };
    await expect(ask('localsubjectaccessreviews', spec, 'a')).rejects.toThrow(
      'spec.resourceAttributes.namespace must match namespace: expected "a", got "b"',
    );
    expect(await ask('localsubjectaccessreviews', spec, 'b')).toMatchObject({ allowed: true });
  });

  it('list what one may do', async () => {
    expect(await ask('selfsubjectrulesreviews', { namespace: 'a' })).toEqual({
      resourceRules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }],
      nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz'] }],
      incomplete: false,
    });
    await expect(ask('selfsubjectrulesreviews', {})).rejects.toThrow('no namespace on request');
  });
});

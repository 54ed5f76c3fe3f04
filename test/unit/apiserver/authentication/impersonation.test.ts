import type { IncomingMessage } from 'node:http';
import {
  impersonate,
  impersonationChecks,
  requestedIdentity,
} from '../../../../apiserver/authentication/impersonation';
import type { Authorizer, AuthorizerAttributes } from '../../../../apiserver/authorization/authorizer';

const request = (headersDistinct: Record<string, string[]>) =>
  ({ headers: headersDistinct, headersDistinct }) as unknown as IncomingMessage;
const admin = { name: 'admin', groups: [] };
const authorizer = (allowed: (attributes: AuthorizerAttributes) => boolean): Authorizer => ({
  authorize: async (_user, attributes) => ({ decision: allowed(attributes) ? 'allow' : 'no-opinion', reason: '' }),
  rulesFor: async () => ({ rules: [], incomplete: false }),
});

describe('impersonation', () => {
  it('leaves a request without headers alone', async () => {
    expect(
      await impersonate(
        request({}),
        admin,
        authorizer(() => false),
      ),
    ).toBe(admin);
  });

  it('needs a user', () => {
    expect(() => requestedIdentity(request({ 'impersonate-group': ['dev'] }))).toThrow('without impersonating a user');
  });

  it('checks the user, every group, every extra value and the uid', () => {
    const identity = requestedIdentity(
      request({
        'impersonate-user': ['jane'],
        'impersonate-group': ['dev', 'ops'],
        'impersonate-uid': ['7'],
        'impersonate-extra-acme.com%2fproject': ['p1'],
      }),
    )!;
    const checks = impersonationChecks(identity).map(({ resource, subresource, name }) => [
      resource,
      subresource,
      name,
    ]);
    expect(checks).toEqual([
      ['users', '', 'jane'],
      ['groups', '', 'dev'],
      ['groups', '', 'ops'],
      ['userextras', 'acme.com/project', 'p1'],
      ['uids', '', '7'],
    ]);
  });

  it('acts as a service account with the groups of service accounts', async () => {
    const given = request({ 'impersonate-user': ['system:serviceaccount:apps:web'] });
    const seen: AuthorizerAttributes[] = [];
    const user = await impersonate(
      given,
      admin,
      authorizer((attributes) => seen.push(attributes) > 0),
    );
    expect(seen).toMatchObject([{ resource: 'serviceaccounts', namespace: 'apps', name: 'web', verb: 'impersonate' }]);
    expect(user.groups).toEqual(['system:serviceaccounts', 'system:serviceaccounts:apps', 'system:authenticated']);
  });

  it('is refused with the text of any refusal', async () => {
    const given = request({ 'impersonate-user': ['jane'] });
    await expect(
      impersonate(
        given,
        admin,
        authorizer(() => false),
      ),
    ).rejects.toThrow(
      'users "jane" is forbidden: User "admin" cannot impersonate resource "users" in API group "" at the cluster scope',
    );
  });
});

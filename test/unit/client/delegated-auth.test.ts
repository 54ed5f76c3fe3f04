import type { IncomingMessage } from 'node:http';
import type { TokenReview } from '../../../api/authentication/v1/tokenreview';
import type { SubjectAccessReview } from '../../../api/authorization/v1/subjectaccessreview';
import { authorizePaths, createDelegatedAuth } from '../../../client/delegated-auth';
import type { RestClient } from '../../../client/rest-client';
import { createFakeClock } from '../../support/fake-clock';

/** Knows the token "good" of a user who may read metrics. */
function start() {
  const clock = createFakeClock();
  const asked: string[] = [];
  const client = {
    create: async (definition: { kind: string }, review: TokenReview & SubjectAccessReview) => {
      asked.push(definition.kind);
      if (definition.kind === 'TokenReview') {
        const authenticated = review.spec.token === 'good';
        return { status: { authenticated, ...(authenticated && { user: { username: 'prometheus', groups: ['g'] } }) } };
      }
      return { status: { allowed: review.spec.user === 'prometheus' } };
    },
  } as unknown as RestClient;
  return { clock, asked, auth: createDelegatedAuth({ client, clock }) };
}

const request = (token?: string, socket: object = {}): IncomingMessage =>
  ({ headers: token ? { authorization: `Bearer ${token}` } : {}, socket }) as unknown as IncomingMessage;
const tlsSocket = (authorized: boolean, subject: object) => ({
  encrypted: true,
  authorized,
  getPeerCertificate: () => ({ subject }),
});

describe('delegated authentication', () => {
  it('takes a verified client certificate without asking anyone', async () => {
    const { auth, asked } = start();
    const socket = tlsSocket(true, { CN: 'kube-apiserver-kubelet-client', O: 'system:masters' });
    expect(await auth.authenticate(request(undefined, socket))).toEqual({
      username: 'kube-apiserver-kubelet-client',
      groups: ['system:masters', 'system:authenticated'],
    });
    expect(await auth.authenticate(request(undefined, tlsSocket(false, { CN: 'forged' })))).toBeUndefined();
    expect(asked).toEqual([]);
  });

  it('asks about a token once in two minutes', async () => {
    const { auth, asked, clock } = start();
    const users = await Promise.all([auth.authenticate(request('good')), auth.authenticate(request('good'))]);
    expect(users.map((user) => user?.username)).toEqual(['prometheus', 'prometheus']);
    await clock.advance(119_000);
    await auth.authenticate(request('good'));
    expect(asked).toHaveLength(1);
    await clock.advance(2000);
    await auth.authenticate(request('good'));
    expect(asked).toHaveLength(2);
    expect(await auth.authenticate(request('bad'))).toBeUndefined();
  });
});

describe('authorizePaths', () => {
  it('lets in whom RBAC allows, and words refusals as upstream does', async () => {
    const { auth } = start();
    const authorize = authorizePaths(auth);
    expect(await authorize(request('good'), '/metrics')).toBeUndefined();
    expect(await authorize(request('bad'), '/metrics')).toEqual({ code: 401, message: 'Unauthorized' });
    expect(await authorize(request(), '/metrics')).toEqual({
      code: 403,
      message: 'forbidden: User "system:anonymous" cannot get path "/metrics"',
    });
  });
});

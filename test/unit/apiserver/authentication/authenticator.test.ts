import type { IncomingMessage } from 'node:http';
import { secrets } from '../../../../api/core/v1/secret';
import { createAuthenticator } from '../../../../apiserver/authentication/authenticator';
import { createTestLoopback } from '../../../support/loopback';

const b64 = (text: string) => Buffer.from(text).toString('base64');
const certificate = (subject: object, authorized = true) => ({
  authorized,
  authorizationError: authorized ? undefined : 'self-signed certificate',
  getPeerCertificate: () => ({
    subject,
    valid_from: 'Jan  1 00:00:00 2020 GMT',
    valid_to: 'Jan  1 00:00:00 2100 GMT',
  }),
});
const request = (url: string, authorization?: string, socket: object = {}) =>
  ({ url, headers: { ...(authorization && { authorization }) }, socket }) as unknown as IncomingMessage;

function setUp(anonymous = { enabled: true, paths: ['/healthz'] as string[] | undefined }) {
  const loopback = createTestLoopback();
  const data = {
    'token-id': b64('abcdef'),
    'token-secret': b64('0123456789abcdef'),
    'usage-bootstrap-authentication': b64('true'),
    'auth-extra-groups': b64('system:bootstrappers:kubelab:default-node-token'),
  };
  loopback.put(secrets, {
    metadata: { namespace: 'kube-system', name: 'bootstrap-token-abcdef' },
    type: 'bootstrap.kubernetes.io/token',
    data,
  });
  const authenticate = createAuthenticator({
    anonymous,
    staticTokens: 'secret-token,jane,42,"dev,ops"\n',
    bootstrapTokens: true,
    loopback,
  });
  return { authenticate, loopback };
}

describe('authenticator', () => {
  it('takes user and groups from a verified client certificate', async () => {
    const { authenticate } = setUp();
    const one = certificate({ CN: 'system:node:n1', O: 'system:nodes' });
    expect(await authenticate(request('/api', undefined, one))).toEqual({
      name: 'system:node:n1',
      groups: ['system:nodes', 'system:authenticated'],
      extra: { 'authentication.kubernetes.io/credential-id': [expect.stringMatching(/^X509SHA256=/)] },
    });
    const several = certificate({ CN: 'admin', O: ['a', 'b'] });
    expect((await authenticate(request('/api', undefined, several))).groups).toEqual([
      'a',
      'b',
      'system:authenticated',
    ]);
  });

  it('refuses a certificate of another authority, also where anonymous is allowed', async () => {
    const { authenticate } = setUp();
    const socket = certificate({ CN: 'admin', O: 'system:masters' }, false);
    await expect(authenticate(request('/healthz', undefined, socket))).rejects.toMatchObject({ code: 401 });
  });

  it('knows static tokens and removes them from the request', async () => {
    const { authenticate } = setUp();
    const given = request('/api', 'Bearer secret-token');
    expect(await authenticate(given)).toEqual({
      name: 'jane',
      uid: '42',
      groups: ['dev', 'ops', 'system:authenticated'],
    });
    expect(given.headers.authorization).toBeUndefined();
  });

  it('knows bootstrap tokens, with their groups', async () => {
    const { authenticate } = setUp();
    expect(await authenticate(request('/api', 'Bearer abcdef.0123456789abcdef'))).toEqual({
      name: 'system:bootstrap:abcdef',
      groups: ['system:bootstrappers', 'system:bootstrappers:kubelab:default-node-token', 'system:authenticated'],
    });
    await expect(authenticate(request('/api', 'Bearer abcdef.0123456789abcdee'))).rejects.toMatchObject({ code: 401 });
  });

  it('refuses an unknown token everywhere', async () => {
    const { authenticate } = setUp();
    await expect(authenticate(request('/healthz', 'Bearer nonsense'))).rejects.toMatchObject({ code: 401 });
  });

  it('allows anonymous only on the configured paths', async () => {
    const { authenticate } = setUp();
    expect(await authenticate(request('/healthz?verbose'))).toEqual({
      name: 'system:anonymous',
      groups: ['system:unauthenticated'],
    });
    await expect(authenticate(request('/api'))).rejects.toMatchObject({ code: 401 });
    const everywhere = setUp({ enabled: true, paths: undefined }).authenticate;
    expect((await everywhere(request('/api'))).name).toBe('system:anonymous');
  });

  it('treats a resumed session without a certificate as no certificate', async () => {
    const { authenticate } = setUp();
    const socket = { authorized: true, getPeerCertificate: () => ({}) };
    await expect(authenticate(request('/api', undefined, socket))).rejects.toMatchObject({ code: 401 });
  });
});

import { generateKeyPairSync } from 'node:crypto';
import { nodes } from '../../../../api/core/v1/node';
import { pods } from '../../../../api/core/v1/pod';
import { serviceAccounts } from '../../../../api/core/v1/serviceaccount';
import {
  createTokenIssuer,
  createTokenVerifier,
  readPublicKeys,
} from '../../../../apiserver/authentication/service-account-tokens';
import { createTestLoopback } from '../../../support/loopback';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = { type: 'pkcs8', format: 'pem' } as const;
const publicKeyPem = publicKey.export({ type: 'spki', format: 'pem' }) as string;
const issuerName = 'https://kubernetes.default.svc';

function setUp() {
  let nowMs = Date.parse('2026-01-01T00:00:00Z');
  const loopback = createTestLoopback({ now: () => nowMs, after: () => () => undefined, sleep: async () => undefined });
  const issuer = createTokenIssuer({
    issuer: issuerName,
    privateKeyPem: privateKey.export(pem),
    audiences: ['api'],
    clock: loopback.clock,
  });
  const verifier = createTokenVerifier({
    issuers: [issuerName],
    keys: readPublicKeys([publicKeyPem]),
    audiences: ['api'],
    loopback,
  });
  const account = loopback.put(serviceAccounts, { metadata: { namespace: 'apps', name: 'web' } });
  const facts = {
    namespace: 'apps',
    serviceAccount: { name: 'web', uid: account.metadata.uid },
    audiences: [],
    expirationSeconds: 3600,
  };
  return { loopback, issuer, verifier, facts, wait: (ms: number) => (nowMs += ms) };
}

describe('service account tokens', () => {
  it('stand for the account, with its groups', async () => {
    const { issuer, verifier, facts } = setUp();
    const { token, jti } = issuer.issue(facts);
    expect(verifier.recognizes(token)).toBe(true);
    expect(await verifier.verify(token)).toEqual({
      audiences: ['api'],
      user: {
        name: 'system:serviceaccount:apps:web',
        uid: facts.serviceAccount.uid,
        groups: ['system:serviceaccounts', 'system:serviceaccounts:apps'],
        extra: { 'authentication.kubernetes.io/credential-id': [`JTI=${jti}`] },
      },
    });
  });

  it('expire', async () => {
    const { issuer, verifier, facts, wait } = setUp();
    const { token } = issuer.issue(facts);
    expect(await verifier.verify(token)).toHaveProperty('user');
    wait(3600_000);
    expect(await verifier.verify(token)).toEqual({ error: 'service account token has expired' });
  });

  it('end with their account, also when another of the same name is made', async () => {
    const { loopback, issuer, verifier, facts } = setUp();
    const { token } = issuer.issue(facts);
    expect(await verifier.verify(token)).toHaveProperty('user');
    loopback.put(serviceAccounts, { metadata: { namespace: 'apps', name: 'web', uid: 'another' } });
    expect(await verifier.verify(token)).toEqual({
      error: 'the service account of the token does not exist any more',
    });
  });

  it('end with the pod they are bound to, after its grace', async () => {
    const { loopback, issuer, verifier, facts, wait } = setUp();
    const pod = loopback.put(pods, { metadata: { namespace: 'apps', name: 'web-1' } });
    const node = loopback.put(nodes, { metadata: { name: 'n1' } });
    const { token } = issuer.issue({
      ...facts,
      pod: { name: 'web-1', uid: pod.metadata.uid },
      node: { name: 'n1', uid: node.metadata.uid },
    });
    expect(await verifier.verify(token)).toMatchObject({
      user: {
        extra: {
          'authentication.kubernetes.io/pod-name': ['web-1'],
          'authentication.kubernetes.io/node-name': ['n1'],
        },
      },
    });
    loopback.put(pods, { ...pod, metadata: { ...pod.metadata, deletionTimestamp: '2026-01-01T00:00:30Z' } });
    expect(await verifier.verify(token)).toHaveProperty('user');
    wait(120_000);
    expect(await verifier.verify(token)).toEqual({ error: 'pod has been deleted' });
    loopback.remove(pods, 'apps/web-1');
    expect(await verifier.verify(token)).toEqual({ error: 'the pod of the token does not exist any more' });
  });

  it('are only good for their audiences', async () => {
    const { issuer, verifier, facts } = setUp();
    const { token, audiences } = issuer.issue({ ...facts, audiences: ['vault', 'other'] });
    expect(audiences).toEqual(['vault', 'other']);
    expect(await verifier.verify(token)).toHaveProperty('error');
    expect(await verifier.verify(token, ['vault'])).toMatchObject({ audiences: ['vault'] });
  });

  it('of another issuer or key are refused', async () => {
    const { loopback, verifier, facts } = setUp();
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export(pem) as string;
    const make = (issuer: string, privateKeyPem: string) =>
      createTokenIssuer({ issuer, privateKeyPem, audiences: ['api'], clock: loopback.clock }).issue(facts).token;
    expect(verifier.recognizes(make('https://elsewhere', other))).toBe(false);
    expect(await verifier.verify(make(issuerName, other))).toEqual({ error: 'invalid signature' });
    expect(await verifier.verify(make('https://elsewhere', privateKey.export(pem) as string))).toEqual({
      error: 'unknown issuer',
    });
  });

  it('are verified with any of several keys, given as public or private PEM', () => {
    const another = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const both = publicKeyPem + (another.privateKey.export({ type: 'sec1', format: 'pem' }) as string);
    expect(readPublicKeys([both]).map((key) => key.algorithm)).toEqual(['RS256', 'ES256']);
  });
});

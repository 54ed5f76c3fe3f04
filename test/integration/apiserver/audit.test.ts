/** The audit log of a real server: which events a request leaves behind, and what they say. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditEvent } from '../../../apiserver/audit/types';
import { startTestApiServer, type TestApiServer } from '../../support/apiserver';
import { until } from '../../support/until';
import { openWatch } from '../../support/watch-client';

const folder = mkdtempSync(join(tmpdir(), 'kubelab-audit-'));
const logPath = join(folder, 'audit.log');
const configMaps = '/api/v1/namespaces/default/configmaps';
let server: TestApiServer;

const policy = `
apiVersion: audit.k8s.io/v1
kind: Policy
omitManagedFields: true
rules:
- {level: None, verbs: [get], nonResourceURLs: ["/readyz*"]}
- {level: Metadata, resources: [{resources: [secrets]}], omitStages: [RequestReceived]}
- {level: Request, verbs: [patch], resources: [{resources: [configmaps]}]}
- {level: RequestResponse, resources: [{resources: [configmaps]}]}
- {level: Metadata, resources: [{resources: [namespaces]}]}
- {level: Metadata, verbs: [whoami, post], nonResourceURLs: ["*"]}
`;

beforeAll(async () => {
  const policyPath = join(folder, 'policy.yaml');
  writeFileSync(policyPath, policy);
  server = await startTestApiServer({ 'audit-policy-file': policyPath, 'audit-log-path': logPath });
});

afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true });
});

const eventsOf = (auditId: unknown, count: number): Promise<AuditEvent[]> =>
  until('the audit events', () => {
    const events = readFileSync(logPath, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as AuditEvent);
    const found = events.filter(({ auditID }) => auditID === auditId);
    return found.length >= count && found;
  });

it('records both stages of a write with what was asked and answered', async () => {
  const { headers } = await server.rest('POST', configMaps, {
    body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'one' }, data: { a: 'b' } },
    headers: { 'user-agent': 'tester/1', 'x-forwarded-for': '192.0.2.7' },
  });
  const [received, complete] = await eventsOf(headers['audit-id'], 2);
  expect(received).toMatchObject({
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'RequestResponse',
    stage: 'RequestReceived',
    requestURI: configMaps,
    verb: 'create',
    user: { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] },
    sourceIPs: ['192.0.2.7', '127.0.0.1'],
    userAgent: 'tester/1',
    objectRef: { resource: 'configmaps', namespace: 'default', apiVersion: 'v1' },
  });
  expect(received).not.toHaveProperty('requestObject');
  expect(complete).toMatchObject({
    stage: 'ResponseComplete',
    responseStatus: { metadata: {}, code: 201 },
    requestObject: { kind: 'ConfigMap', data: { a: 'b' } },
    responseObject: { metadata: { name: 'one', uid: expect.any(String) } },
    annotations: { 'authorization.k8s.io/decision': 'allow' },
  });
  expect((complete!.responseObject as any).metadata).not.toHaveProperty('managedFields');
});

it('leaves bodies out at lower levels, and stages that the rule omits', async () => {
  const secret = await server.rest('POST', '/api/v1/namespaces/default/secrets', {
    body: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'hidden' }, stringData: { a: 'classified' } },
  });
  const events = await eventsOf(secret.headers['audit-id'], 1);
  expect(events.map(({ stage }) => stage)).toEqual(['ResponseComplete']);
  expect(readFileSync(logPath, 'utf8')).not.toContain('classified');

  const patch = await server.rest('PATCH', `${configMaps}/one`, {
    body: { data: { a: 'c' } },
    headers: { 'content-type': 'application/merge-patch+json' },
  });
  const [, patched] = await eventsOf(patch.headers['audit-id'], 2);
  expect(patched).toMatchObject({ level: 'Request', requestObject: { data: { a: 'c' } } });
  expect(patched).not.toHaveProperty('responseObject');
});

it('records refusals, failures and who is impersonated', async () => {
  const refused = await server.rest('GET', `${configMaps}/one`, { headers: { 'impersonate-user': 'nobody' } });
  const [, forbidden] = await eventsOf(refused.headers['audit-id'], 2);
  expect(forbidden).toMatchObject({
    user: { username: 'kubernetes-admin' },
    impersonatedUser: { username: 'nobody', groups: ['system:authenticated'] },
    responseStatus: { status: 'Failure', reason: 'Forbidden', code: 403 },
    annotations: { 'authorization.k8s.io/decision': 'forbid' },
  });
  const missing = await server.rest('GET', `${configMaps}/missing`);
  const [, notFound] = await eventsOf(missing.headers['audit-id'], 2);
  expect(notFound).toMatchObject({
    responseStatus: { status: 'Failure', reason: 'NotFound', code: 404, details: { name: 'missing' } },
  });
  const unknown = await server.rest('GET', '/api/v1/namespaces/default', {
    identity: null,
    headers: { authorization: 'Bearer nonsense' },
  });
  const [unauthorized] = await eventsOf(unknown.headers['audit-id'], 1);
  expect(unauthorized).toMatchObject({
    stage: 'ResponseStarted',
    user: {},
    responseStatus: { code: 401, message: 'Authentication failed, attempted: bearer' },
  });
});

it('tells when the answer of a watch starts and ends', async () => {
  const watch = await openWatch(server, `${configMaps}?watch=1`);
  const started = await eventsOf(watch.headers['audit-id'], 2);
  expect(started.map(({ stage }) => stage)).toEqual(['RequestReceived', 'ResponseStarted']);
  watch.close();
  const ended = await eventsOf(watch.headers['audit-id'], 3);
  expect(ended.at(-1)).toMatchObject({ stage: 'ResponseComplete', verb: 'watch', responseStatus: { code: 200 } });
});

it('answers with the Audit-Id of the request', async () => {
  const { headers } = await server.rest('GET', '/readyz', { headers: { 'audit-id': 'chosen-by-client' } });
  expect(headers['audit-id']).toBe('chosen-by-client');
});

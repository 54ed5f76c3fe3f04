/** Identity and permission over a real API server: certificates, tokens, RBAC, nodes, reviews, namespaces. */
import { allowPods, startTestApiServer, type Identity, type TestApiServer } from '../../support/apiserver';
import { until } from '../../support/until';

let server: TestApiServer;
let jane: Identity;

beforeAll(async () => {
  server = await startTestApiServer({ 'authorization-mode': 'Node,RBAC' });
  await server.rest('POST', '/api/v1/namespaces', { body: { metadata: { name: 'apps' } } });
  await allowPods(server, 'apps');
  jane = await server.identity('jane', ['dev']);
});

afterAll(async () => {
  await server?.stop();
});

const apps = '/api/v1/namespaces/apps';
const rbac = '/apis/rbac.authorization.k8s.io/v1';
const bearer = (token: string) => ({ identity: null, headers: { authorization: `Bearer ${token}` } });
const eventuallyCode = (ask: () => Promise<{ code: number }>, code: number) =>
  until(`answer ${code}`, async () => (await ask()).code === code, { everyMs: 20 });

describe('anonymous requests', () => {
  it('see health and cluster-info, and nothing else', async () => {
    const codeOf = async (path: string) => (await server.rest('GET', path, { identity: null })).code;
    expect(await codeOf('/livez')).toBe(200);
    expect(await codeOf('/api/v1/namespaces/kube-public/configmaps/cluster-info')).toBe(200);
    expect(await codeOf('/api/v1/namespaces/kube-public/configmaps')).toBe(401);
    expect(await codeOf('/api')).toBe(401);
  });
});

describe('permission', () => {
  it('comes with a RoleBinding to an aggregated role, and goes with it', async () => {
    const list = () => server.rest('GET', `${apps}/configmaps`, { identity: jane });
    const refused = await list();
    expect(refused).toMatchObject({
      code: 403,
      body: {
        message:
          'configmaps is forbidden: User "jane" cannot list resource "configmaps" in API group "" in the namespace "apps"',
      },
    });
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'edit' };
    const subjects = [{ apiGroup: roleRef.apiGroup, kind: 'Group', name: 'dev' }];
    const bindings = `${rbac}/namespaces/apps/rolebindings`;
    await server.rest('POST', bindings, { body: { metadata: { name: 'dev' }, roleRef, subjects } });
    await eventuallyCode(list, 200);
    expect((await server.rest('GET', '/api/v1/namespaces/default/configmaps', { identity: jane })).code).toBe(403);
    await server.rest('DELETE', `${bindings}/dev`);
    await eventuallyCode(list, 403);
  });

  it('cannot be given by who has it not', async () => {
    const roles = `${rbac}/namespaces/apps/roles`;
    const rules = [{ apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles', 'rolebindings'], verbs: ['*'] }];
    // All verbs but escalate and bind: those are verbs, too.
    rules[0]!.verbs = ['create', 'get', 'list', 'update'];
    await server.rest('POST', roles, { body: { metadata: { name: 'role-writer' }, rules } });
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'role-writer' };
    const subjects = [{ apiGroup: roleRef.apiGroup, kind: 'User', name: 'jane' }];
    const bindings = `${rbac}/namespaces/apps/rolebindings`;
    await server.rest('POST', bindings, { body: { metadata: { name: 'role-writer' }, roleRef, subjects } });
    const write = (name: string, given: object[]) =>
      server.rest('POST', roles, { body: { metadata: { name }, rules: given }, identity: jane });
    await eventuallyCode(() => server.rest('GET', roles, { identity: jane }), 200);
    const answer = await write('secrets', [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'] }]);
    expect(answer.code).toBe(403);
    expect(answer.body.message).toContain('is attempting to grant RBAC permissions not currently held');
    expect((await write('copy', rules)).code).toBe(201);
  });

  it('is told by reviews', async () => {
    const spec = {
      user: 'jane',
      groups: ['dev'],
      resourceAttributes: { verb: 'get', resource: 'secrets', namespace: 'apps' },
    };
    const review = await server.rest('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', { body: { spec } });
    expect(review).toMatchObject({ code: 201, body: { status: { allowed: false } } });
    const ask = async (path: string, body: object) =>
      (await server.rest('POST', `/apis/${path}`, { body, identity: jane })).body.status;
    const own = await ask('authorization.k8s.io/v1/selfsubjectaccessreviews', {
      spec: { resourceAttributes: { verb: 'get', resource: 'nodes' } },
    });
    expect(own).toEqual({ allowed: false });
    const { userInfo } = await ask('authentication.k8s.io/v1/selfsubjectreviews', {});
    expect(userInfo).toEqual({
      username: 'jane',
      groups: ['dev', 'system:authenticated'],
      extra: { 'authentication.kubernetes.io/credential-id': [expect.stringMatching(/^X509SHA256=[0-9a-f]{64}$/)] },
    });
    const rules = await ask('authorization.k8s.io/v1/selfsubjectrulesreviews', { spec: { namespace: 'apps' } });
    expect(rules.resourceRules).toContainEqual({
      verbs: ['create'],
      apiGroups: ['authorization.k8s.io'],
      resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
    });
    expect(rules.nonResourceRules.length).toBeGreaterThan(0);
  });

  it('can be tried out by impersonation', async () => {
    const as = { headers: { 'impersonate-user': 'system:serviceaccount:apps:default' } };
    expect((await server.rest('GET', `${apps}/secrets`, as)).body.message).toContain(
      'User "system:serviceaccount:apps:default" cannot list resource "secrets"',
    );
    expect((await server.rest('GET', `${apps}/secrets`, { ...as, identity: jane })).body.message).toContain(
      'User "jane" cannot impersonate resource "serviceaccounts"',
    );
  });
});

describe('tokens', () => {
  it('are issued for an account, stand for it, and end with it', async () => {
    await server.rest('POST', `${apps}/serviceaccounts`, { body: { metadata: { name: 'robot' } } });
    const issue = (spec: object) =>
      server.rest('POST', `${apps}/serviceaccounts/robot/token`, {
        body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec },
      });
    expect(await issue({ expirationSeconds: 60 })).toMatchObject({
      code: 422,
      body: { message: expect.stringContaining('may not specify a duration less than 10 minutes') },
    });
    const issued = await issue({ expirationSeconds: 600 });
    expect(issued.code).toBe(201);
    const { token } = issued.body.status;
    const review = await server.rest('POST', '/apis/authentication.k8s.io/v1/tokenreviews', {
      body: { spec: { token } },
    });
    expect(review.body.status).toMatchObject({
      authenticated: true,
      user: { username: 'system:serviceaccount:apps:robot' },
    });
    expect((await server.rest('GET', '/api', bearer(token))).code).toBe(200);
    expect((await server.rest('GET', `${apps}/secrets`, bearer(token))).code).toBe(403);
    const [header, payload] = token.split('.');
    expect((await server.rest('GET', '/api', bearer(`${header}.${payload}.AAAA`))).code).toBe(401);
    await server.rest('DELETE', `${apps}/serviceaccounts/robot`);
    await eventuallyCode(() => server.rest('GET', '/api', bearer(token)), 401);
  });

  it('for joining are Secrets in kube-system', async () => {
    const stringData = {
      'token-id': 'abcdef',
      'token-secret': '0123456789abcdef',
      'usage-bootstrap-authentication': 'true',
      'auth-extra-groups': 'system:bootstrappers:kubelab:default-node-token',
    };
    await server.rest('POST', '/api/v1/namespaces/kube-system/secrets', {
      body: { metadata: { name: 'bootstrap-token-abcdef' }, type: 'bootstrap.kubernetes.io/token', stringData },
    });
    const given = bearer('abcdef.0123456789abcdef');
    const requests = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
    await eventuallyCode(() => server.rest('GET', requests, given), 200);
    expect((await server.rest('GET', '/api/v1/secrets', given)).code).toBe(403);
  });
});

describe('nodes', () => {
  it('read only what their pods refer to', async () => {
    const node = await server.identity('system:node:n1', ['system:nodes']);
    await server.rest('POST', `${apps}/secrets`, { body: { metadata: { name: 'mine' } } });
    const read = () => server.rest('GET', `${apps}/secrets/mine`, { identity: node });
    expect((await read()).body.message).toContain("no relationship found between node 'n1' and this object");
    const spec = {
      containers: [{ name: 'c', image: 'i' }],
      volumes: [{ name: 's', secret: { secretName: 'mine' } }],
      nodeName: 'n1',
    };
    await server.rest('POST', `${apps}/pods`, { body: { metadata: { name: 'reader' }, spec } });
    await eventuallyCode(read, 200);
    await server.rest('DELETE', `${apps}/pods/reader?gracePeriodSeconds=0`);
    await eventuallyCode(read, 403);
  });

  it('register as themselves, tainted', async () => {
    const node = await server.identity('system:node:n2', ['system:nodes']);
    const register = (name: string) =>
      server.rest('POST', '/api/v1/nodes', { body: { metadata: { name } }, identity: node });
    expect((await register('n3')).body.message).toContain('node "n2" is not allowed to modify node "n3"');
    expect((await register('n2')).body.spec.taints).toEqual([
      { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' },
    ]);
  });
});

describe('namespaces', () => {
  it('turn Terminating, take nothing new, and go when finalized', async () => {
    await server.rest('POST', '/api/v1/namespaces', { body: { metadata: { name: 'leaving' } } });
    const deleted = await server.rest('DELETE', '/api/v1/namespaces/leaving');
    expect(deleted.body).toMatchObject({
      metadata: { deletionTimestamp: expect.any(String) },
      status: { phase: 'Terminating' },
    });
    const body = { metadata: { name: 'late' } };
    expect(await server.rest('POST', '/api/v1/namespaces/leaving/configmaps', { body })).toMatchObject({
      code: 403,
      body: { details: { causes: [{ reason: 'NamespaceTerminating' }] } },
    });
    const { body: namespace } = await server.rest('GET', '/api/v1/namespaces/leaving');
    await server.rest('PUT', '/api/v1/namespaces/leaving/finalize', { body: { ...namespace, spec: {} } });
    expect((await server.rest('GET', '/api/v1/namespaces/leaving')).code).toBe(404);
  });

  it('the cluster stands on cannot be deleted', async () => {
    expect((await server.rest('DELETE', '/api/v1/namespaces/kube-system')).body.message).toBe(
      'namespaces "kube-system" is forbidden: this namespace may not be deleted',
    );
  });
});

describe('certificate requests', () => {
  it('say who asked, and are approved only by who may approve for the signer', async () => {
    const requests = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
    const pem = await newRequestPem();
    const spec = {
      request: Buffer.from(pem).toString('base64'),
      signerName: 'kubernetes.io/kube-apiserver-client',
      usages: ['client auth'],
      username: 'forged',
    };
    const created = await server.rest('POST', requests, { body: { metadata: { name: 'r' }, spec } });
    expect({ code: created.code, message: created.body.message }).toEqual({ code: 201, message: undefined });
    expect(created.body.spec.username).toBe('kubernetes-admin');
    const conditions = [{ type: 'Approved', status: 'True', reason: 'Test', message: '' }];
    const approved = await server.rest('PUT', `${requests}/r/approval`, {
      body: { ...created.body, status: { conditions } },
    });
    expect(approved.body.status.conditions[0]).toMatchObject({ type: 'Approved', lastUpdateTime: expect.any(String) });
  });
});

async function newRequestPem(): Promise<string> {
  await import('reflect-metadata');
  const { Pkcs10CertificateRequestGenerator } = await import('@peculiar/x509');
  const signingAlgorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await crypto.subtle.generateKey(signingAlgorithm, false, ['sign', 'verify']);
  const request = await Pkcs10CertificateRequestGenerator.create({ name: 'CN=jane', keys, signingAlgorithm });
  return request.toString('pem');
}

describe('bootstrap', () => {
  it('has filled the aggregated roles, the classes and the namespaces', async () => {
    const roleOf = async (name: string) => (await server.rest('GET', `${rbac}/clusterroles/${name}`)).body;
    await until('admin has the rules of edit and view', async () => ((await roleOf('admin')).rules ?? []).length > 15);
    expect((await roleOf('cluster-admin')).rules).toHaveLength(2);
    const classes = await server.rest('GET', '/apis/scheduling.k8s.io/v1/priorityclasses');
    expect(classes.body.items.map((item: any) => item.metadata.name)).toEqual([
      'system-cluster-critical',
      'system-node-critical',
    ]);
    const namespaces = await server.rest('GET', '/api/v1/namespaces');
    expect(namespaces.body.items.map((item: any) => item.metadata.name)).toEqual(
      expect.arrayContaining(['default', 'kube-node-lease', 'kube-public', 'kube-system']),
    );
  });

  it('keeps what an administrator added, over a restart', async () => {
    const path = `${rbac}/clusterroles/system:discovery`;
    const { body } = await server.rest('GET', path);
    const own = { verbs: ['get'], nonResourceURLs: ['/own'] };
    await server.rest('PUT', path, { body: { ...body, rules: [own] } });
    await server.restart();
    const { rules } = (await server.rest('GET', path)).body;
    expect(rules[0]).toEqual(own);
    expect(rules).toHaveLength(2);
  });
});

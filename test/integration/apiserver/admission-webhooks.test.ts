/** Webhooks over real TLS, as their authors write them, and what kubectl prints of their answers. */
import { until } from '../../support/until';
import { configMapRule, deny, patchOf, startWebhookTest, type WebhookTest } from '../../support/webhook-test';

let test: WebhookTest;
let api: WebhookTest['api'];
let server: WebhookTest['server'];
let answers: WebhookTest['answers'];
let callsTo: WebhookTest['callsTo'];
let register: WebhookTest['register'];
let namespaceFor: WebhookTest['namespaceFor'];
let createMap: WebhookTest['createMap'];
let ready: WebhookTest['ready'];

beforeAll(async () => {
  test = await startWebhookTest();
  ({ api, server, answers, callsTo, register, namespaceFor, createMap, ready } = test);
});
afterAll(() => test.stop());

describe('mutating webhooks', () => {
  it('see the request and patch the object, and the patch is defaulted and pruned', async () => {
    await namespaceFor('patched');
    await register('Mutating', 'patched', {
      path: '/patched',
      rules: [{ ...configMapRule, resources: ['pods', 'configmaps'] }],
    });
    await ready('patched', '/patched');
    answers.set('/patched', (request) =>
      patchOf([
        { op: 'add', path: '/metadata/labels', value: { injected: 'yes' } },
        ...(request.kind.kind === 'Pod'
          ? [{ op: 'add', path: '/spec/containers/-', value: { name: 'sidecar', image: 'busybox', unknownField: 1 } }]
          : []),
      ]),
    );
    await api.rest('POST', '/api/v1/namespaces/patched/serviceaccounts', {
      body: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } },
    });
    const { code, body } = await api.rest('POST', '/api/v1/namespaces/patched/pods', {
      body: {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'p' },
        spec: { automountServiceAccountToken: false, containers: [{ name: 'a', image: 'busybox' }] },
      },
    });
    expect(code).toBe(201);
    expect(body.metadata.labels).toEqual({ injected: 'yes' });
    expect(body.spec.containers[1]).toMatchObject({ name: 'sidecar', terminationMessagePath: '/dev/termination-log' });
    expect(body.spec.containers[1].unknownField).toBeUndefined();
    const { request } = callsTo('/patched').at(-1)!.body;
    expect(request).toMatchObject({
      kind: { group: '', version: 'v1', kind: 'Pod' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      requestKind: { group: '', version: 'v1', kind: 'Pod' },
      name: 'p',
      namespace: 'patched',
      operation: 'CREATE',
      userInfo: { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] },
      dryRun: false,
      oldObject: null,
      options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' },
    });
    expect(request.object).toMatchObject({ apiVersion: 'v1', kind: 'Pod', spec: { containers: [{ name: 'a' }] } });
  });

  it('run in order of name, and again when a later one changed the object', async () => {
    await namespaceFor('again');
    const append = (letter: string) => (request: any) => {
      const now = request.object.data.a as string;
      return now.includes(letter)
        ? { allowed: true }
        : patchOf([{ op: 'replace', path: '/data/a', value: now + letter }]);
    };
    const seen: string[] = [];
    answers.set('/first', (request) => {
      seen.push(request.object.data.a);
      return append('x')(request);
    });
    answers.set('/second', append('y'));
    await register('Mutating', 'again', { path: '/first', reinvocationPolicy: 'IfNeeded' }, { path: '/second' });
    await ready('again', '/second');
    seen.length = 0;
    const { body } = await createMap('again', 'm');
    expect(body.data.a).toBe('1xy');
    expect(seen).toEqual(['1', '1xy']);
    expect(callsTo('/second')).toHaveLength(1);
  });

  it('cannot make an object into something else', async () => {
    await namespaceFor('broken');
    answers.set('/broken', (request) =>
      request.object.metadata.name.startsWith('probe')
        ? undefined
        : patchOf([{ op: 'replace', path: '/data', value: 7 }]),
    );
    await register('Mutating', 'broken', { path: '/broken' });
    await ready('broken', '/broken');
    expect((await createMap('broken', 'm')).code).toBe(500);
    answers.set('/broken', () => patchOf([{ op: 'remove', path: '/nowhere' }]));
    expect((await createMap('broken', 'm')).body).toMatchObject({ code: 500, reason: 'InternalError' });
    answers.set('/broken', () => patchOf([{ op: 'add', path: '/metadata/__proto__', value: { polluted: 1 } }]));
    expect((await createMap('broken', 'm')).code).toBe(500);
    expect((await api.rest('GET', '/api/v1/namespaces/broken/configmaps/m')).code).toBe(404);
  });
});

describe('validating webhooks', () => {
  it('deny with their own code and message, and kubectl prints it', async () => {
    await namespaceFor('denied');
    answers.set('/denied', () => deny('no such thing here', { code: 403, reason: 'Forbidden' }));
    await register('Validating', 'denied', { path: '/denied' });
    await ready('denied', '/denied');
    expect((await createMap('denied', 'm')).body).toMatchObject({
      code: 403,
      reason: 'Forbidden',
      message: 'admission webhook "denied-0.example.com" denied the request: no such thing here',
    });
    const { stderr } = await api.kubectl(['-n', 'denied', 'create', 'configmap', 'm']);
    expect(stderr).toMatch(
      /^(error: failed to create configmap|Error from server \(Forbidden\)): admission webhook "denied-0\.example\.com" denied the request: no such thing here\n$/,
    );
    answers.set('/denied', () => ({ allowed: false }));
    expect((await createMap('denied', 'm')).body).toMatchObject({
      code: 400,
      message: 'admission webhook "denied-0.example.com" denied the request without explanation',
    });
  });

  it('are asked at once, and give warnings', async () => {
    await namespaceFor('parallel');
    let open = 0;
    let most = 0;
    const plain = server.handle;
    await register('Validating', 'parallel', { path: '/p1' }, { path: '/p2' }, { path: '/p3' });
    await ready('parallel', '/p3');
    server.handle = async (call, response, request) => {
      most = Math.max(most, ++open);
      await until('three open calls', () => open === 3);
      answers.set(call.path.split('?')[0]!, () => ({
        allowed: true,
        warnings: [`beware of ${call.path.slice(1, 3)}`],
      }));
      return plain(call, response, request);
    };
    const { code, headers } = await createMap('parallel', 'm').finally(() => (server.handle = plain));
    expect(code).toBe(201);
    expect(most).toBe(3);
    expect(headers.warning).toContain('beware of p1');
    expect(headers.warning).toContain('beware of p3');
  });

  it('see deletions with the old object, once', async () => {
    await namespaceFor('deleted');
    await createMap('deleted', 'kept', { metadata: { name: 'kept', labels: { keep: 'yes' } } });
    await createMap('deleted', 'loose');
    answers.set('/deleted', (request) => (request.oldObject?.metadata.labels?.keep ? deny('it is kept') : undefined));
    await register('Validating', 'deleted', {
      path: '/deleted',
      rules: [{ ...configMapRule, operations: ['CREATE', 'DELETE'] }],
    });
    await ready('deleted', '/deleted');
    const { stderr } = await api.kubectl(['-n', 'deleted', 'delete', 'configmap', 'kept']);
    expect(stderr).toContain('admission webhook "deleted-0.example.com" denied the request: it is kept');
    expect((await api.rest('DELETE', '/api/v1/namespaces/deleted/configmaps/loose')).code).toBe(200);
    expect(
      callsTo('/deleted').map(({ body }) => [body.request.operation, body.request.name, body.request.object]),
    ).toEqual([
      ['DELETE', 'kept', null],
      ['DELETE', 'loose', null],
    ]);
  });

  it('are asked only when the conditions hold', async () => {
    await namespaceFor('conditions');
    answers.set('/conditions', (request) => (request.name.startsWith('probe') ? undefined : deny('seen')));
    await register('Validating', 'conditions', {
      path: '/conditions',
      matchConditions: [
        { name: 'not-exempt', expression: "!has(object.metadata.labels) || !('exempt' in object.metadata.labels)" },
        { name: 'user', expression: "request.userInfo.username == 'kubernetes-admin'" },
        {
          name: 'may-not-break-glass',
          expression: "!authorizer.group('').resource('pods').namespace('none').check('create').allowed() || true",
        },
      ],
    });
    await ready('conditions', '/conditions');
    expect((await createMap('conditions', 'm')).code).toBe(400);
    expect((await createMap('conditions', 'n', { metadata: { name: 'n', labels: { exempt: 'yes' } } })).code).toBe(201);
  });

  it('refuse what their conditions cannot decide', async () => {
    await namespaceFor('undecided');
    await register('Validating', 'undecided', {
      path: '/undecided',
      matchConditions: [
        { name: 'c', expression: "object.metadata.name.startsWith('probe') || object.data.missing == ''" },
      ],
    });
    await ready('undecided', '/undecided');
    expect((await createMap('undecided', 'm')).body).toMatchObject({
      code: 403,
      message: `configmaps "m" is forbidden: expression 'object.metadata.name.startsWith('probe') || object.data.missing == ''' resulted in error: no such key: missing`,
    });
  });
});

describe('webhooks that cannot be asked', () => {
  it('refuse the request, or let it pass where the policy says so', async () => {
    await namespaceFor('failing');
    answers.set('/failing', (request) =>
      request.name.startsWith('probe')
        ? undefined
        : {
            raw: {
              kind: 'AdmissionReview',
              apiVersion: 'admission.k8s.io/v1',
              response: { uid: 'other', allowed: true },
            },
          },
    );
    await register('Validating', 'failing', { path: '/failing' });
    await ready('failing', '/failing');
    expect((await createMap('failing', 'm')).body).toMatchObject({
      code: 500,
      reason: 'InternalError',
      message: expect.stringMatching(
        /^Internal error occurred: failed calling webhook "failing-0.example.com": received invalid webhook response: expected response.uid="[0-9a-f-]{36}", got "other"$/,
      ),
    });
    await namespaceFor('ignored');
    const nowhere = { url: 'https://127.0.0.1:1/x' };
    await register(
      'Validating',
      'ignored',
      { path: '/ignored' },
      { path: '/x', clientConfig: nowhere, failurePolicy: 'Ignore' },
    );
    await ready('ignored', '/ignored');
    expect((await createMap('ignored', 'm')).code).toBe(201);
    const { text } = await api.rest('GET', '/metrics');
    expect(text).toMatch(
      /apiserver_admission_webhook_fail_open_count\{name="ignored-1.example.com",type="validating"\} [1-9]/,
    );
    expect(text).toMatch(
      /apiserver_admission_webhook_rejection_count\{name="failing-0.example.com",type="validating",operation="CREATE",error_type="calling_webhook_error",rejection_code="503"\} 1/,
    );
  });

  it('time out', async () => {
    await namespaceFor('slow');
    const plain = server.handle;
    await register('Mutating', 'slow', { path: '/slow', timeoutSeconds: 1 });
    await ready('slow', '/slow');
    server.handle = (call, response, request) =>
      call.path.startsWith('/slow') ? undefined : plain(call, response, request);
    const { body } = await createMap('slow', 'm').finally(() => (server.handle = plain));
    expect(body.message).toBe(
      `Internal error occurred: failed calling webhook "slow-0.example.com": failed to call webhook: Post "${server.url}/slow?timeout=1s": context deadline exceeded`,
    );
  });

  it('with side effects refuse dry runs', async () => {
    await namespaceFor('effects');
    await register('Validating', 'effects', { path: '/effects', sideEffects: 'NoneOnDryRun' });
    await ready('effects', '/effects');
    await createMap('effects', 'dry', {}, '?dryRun=All');
    expect(callsTo('/effects')[0]!.body.request).toMatchObject({ dryRun: true, options: { dryRun: ['All'] } });
  });
});

/** Webhooks over real TLS, as their authors write them, and what kubectl prints of their answers. */
import { startTestApiServer, type TestApiServer } from '../../support/apiserver';
import { until } from '../../support/until';
import { type ReceivedCall, startWebhookServer, type WebhookServer } from '../../support/webhook-server';

let api: TestApiServer;
let server: WebhookServer;

/** How each path of the webhook server answers; the uid is added. */
const answers = new Map<string, (request: any) => Record<string, unknown> | undefined>();

const patchOf = (operations: unknown[]) => ({
  allowed: true,
  patchType: 'JSONPatch',
  patch: Buffer.from(JSON.stringify(operations)).toString('base64'),
});
const deny = (message: string, more: Record<string, unknown> = {}) => ({
  allowed: false,
  status: { message, ...more },
});

const callsTo = (path: string): ReceivedCall[] => server.calls.filter((call) => call.path.startsWith(`${path}?`));

interface HookOptions {
  path: string;
  rules?: Record<string, unknown>[];
  [field: string]: unknown;
}

const configMapRule = {
  operations: ['CREATE', 'UPDATE'],
  apiGroups: [''],
  apiVersions: ['v1'],
  resources: ['configmaps'],
};

async function register(kind: 'Mutating' | 'Validating', name: string, ...hooks: HookOptions[]): Promise<void> {
  const { code, text } = await api.rest(
    'POST',
    `/apis/admissionregistration.k8s.io/v1/${kind.toLowerCase()}webhookconfigurations`,
    {
      body: {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: `${kind}WebhookConfiguration`,
        metadata: { name },
        webhooks: hooks.map(({ path, rules = [configMapRule], ...more }, index) => ({
          name: `${name}-${index}.example.com`,
          clientConfig: { url: `${server.url}${path}`, caBundle: server.caBundle },
          rules,
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
          timeoutSeconds: 5,
          namespaceSelector: { matchLabels: { hooked: name } },
          ...more,
        })),
      },
    },
  );
  if (code !== 201) throw new Error(text);
}

/** A namespace of its own for each test, selected by the configuration of the same name. */
async function namespaceFor(name: string): Promise<void> {
  await api.rest('POST', '/api/v1/namespaces', {
    body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { hooked: name } } },
  });
}

const createMap = (namespace: string, name: string, more: Record<string, unknown> = {}, query = '') =>
  api.rest('POST', `/api/v1/namespaces/${namespace}/configmaps${query}`, {
    body: {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, ...(more.metadata as object) },
      data: { a: '1' },
      ...more,
    },
  });

/** Configurations are followed by a watch: probes until the first call arrives. */
const ready = (namespace: string, path: string): Promise<void> =>
  until('a call of the webhook', async () => {
    await createMap(namespace, `probe-${Math.random().toString(36).slice(2)}`, {}, '?dryRun=All');
    return callsTo(path).length > 0;
  }).then(() => {
    server.calls.length = 0;
  });

beforeAll(async () => {
  [api, server] = await Promise.all([startTestApiServer(), startWebhookServer(['hook.default.svc'])]);
  server.handle = (call) => {
    const path = call.path.split('?')[0]!;
    const response = answers.get(path)?.(call.body.request) ?? { allowed: true };
    if ('raw' in response) return response.raw;
    return {
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: { uid: call.body.request.uid, ...response },
    };
  };
});
afterAll(async () => {
  await server.stop();
  await api.stop();
});

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
    expect(stderr).toBe(
      'error: failed to create configmap: admission webhook "denied-0.example.com" denied the request: no such thing here\n',
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

describe('the reach of webhooks', () => {
  it('covers equivalent versions, in the version of the rule, unless it is exact', async () => {
    await namespaceFor('equivalent');
    const events = { operations: ['CREATE'], apiGroups: ['events.k8s.io'], apiVersions: ['v1'], resources: ['events'] };
    await register(
      'Validating',
      'equivalent',
      { path: '/equivalent', rules: [events, configMapRule] },
      { path: '/exact', rules: [events], matchPolicy: 'Exact' },
    );
    await ready('equivalent', '/equivalent');
    const { code } = await api.rest('POST', '/api/v1/namespaces/equivalent/events', {
      body: {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: 'e', namespace: 'equivalent' },
        involvedObject: { kind: 'Pod', name: 'p', namespace: 'equivalent' },
        message: 'hello',
        reason: 'Testing',
        type: 'Normal',
      },
    });
    expect(code).toBe(201);
    expect(callsTo('/exact')).toHaveLength(0);
    expect(callsTo('/equivalent')[0]!.body.request).toMatchObject({
      kind: { group: 'events.k8s.io', version: 'v1', kind: 'Event' },
      requestKind: { group: '', version: 'v1', kind: 'Event' },
      object: { apiVersion: 'events.k8s.io/v1', note: 'hello', regarding: { name: 'p' } },
    });
  });

  it('covers the scale of an object, as a Scale', async () => {
    await namespaceFor('scaled');
    answers.set('/scaled', (request) =>
      request.subResource === 'scale' && request.object.spec.replicas > 3
        ? patchOf([{ op: 'replace', path: '/spec/replicas', value: 3 }])
        : undefined,
    );
    const rule = { operations: ['UPDATE'], apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments/scale'] };
    await register('Mutating', 'scaled', { path: '/scaled', rules: [configMapRule, rule] });
    await ready('scaled', '/scaled');
    const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
    await api.rest('POST', '/apis/apps/v1/namespaces/scaled/deployments', {
      body: {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'd' },
        spec: { replicas: 1, selector: { matchLabels: { a: 'b' } }, template },
      },
    });
    await api.kubectl(['-n', 'scaled', 'scale', 'deployment', 'd', '--replicas=7']);
    const { body } = await api.rest('GET', '/apis/apps/v1/namespaces/scaled/deployments/d');
    expect(body.spec.replicas).toBe(3);
    expect(callsTo('/scaled')).toHaveLength(1);
    expect(callsTo('/scaled')[0]!.body.request).toMatchObject({
      kind: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
      resource: { group: 'apps', version: 'v1', resource: 'deployments' },
      subResource: 'scale',
      object: { apiVersion: 'autoscaling/v1', kind: 'Scale', spec: { replicas: 7 } },
      oldObject: { spec: { replicas: 1 } },
    });
  });

  it('never covers what configures admission', async () => {
    await register('Validating', 'everything', {
      path: '/everything',
      rules: [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'], scope: 'Cluster' }],
      clientConfig: { url: 'https://127.0.0.1:1/x' },
      namespaceSelector: {},
    });
    await until(
      'the configuration to be followed',
      async () =>
        (
          await api.rest('POST', '/api/v1/namespaces?dryRun=All', {
            body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'blocked' } },
          })
        ).code === 500,
    );
    const { code } = await api.rest(
      'DELETE',
      '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/everything',
    );
    expect(code).toBe(200);
    await until(
      'the configuration to be followed',
      async () =>
        (
          await api.rest('POST', '/api/v1/namespaces?dryRun=All', {
            body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'free' } },
          })
        ).code === 201,
    );
  });
});

describe('custom resources', () => {
  it('are subject to webhooks in the version that the rule names', async () => {
    await namespaceFor('custom');
    const schema = {
      openAPIV3Schema: {
        type: 'object',
        properties: { spec: { type: 'object', properties: { size: { type: 'integer', default: 1 } } } },
      },
    };
    const version = { served: true, schema };
    await api.rest('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
      body: {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: 'widgets.example.com' },
        spec: {
          group: 'example.com',
          scope: 'Namespaced',
          names: { plural: 'widgets', singular: 'widget', kind: 'Widget' },
          versions: [
            { ...version, name: 'v1', storage: true },
            { ...version, name: 'v2', storage: false },
          ],
        },
      },
    });
    const rule = { operations: ['CREATE'], apiGroups: ['example.com'], apiVersions: ['v1'], resources: ['widgets'] };
    answers.set('/custom', (request) =>
      request.object.kind === 'Widget'
        ? patchOf([
            { op: 'add', path: '/spec', value: { unknown: 1 } },
            { op: 'add', path: '/metadata/labels', value: { seen: request.object.apiVersion.replace('/', '_') } },
          ])
        : undefined,
    );
    await register('Mutating', 'custom', { path: '/custom', rules: [configMapRule, rule] });
    await ready('custom', '/custom');
    const { body } = await until('the kind to be served', async () => {
      const answer = await api.rest('POST', '/apis/example.com/v2/namespaces/custom/widgets', {
        body: { apiVersion: 'example.com/v2', kind: 'Widget', metadata: { name: 'w' } },
      });
      return answer.code !== 404 && answer;
    });
    expect(body).toMatchObject({
      apiVersion: 'example.com/v2',
      metadata: { labels: { seen: 'example.com_v1' } },
      spec: { size: 1 },
    });
    expect(body.spec.unknown).toBeUndefined();
    expect(callsTo('/custom')[0]!.body.request).toMatchObject({
      resource: { group: 'example.com', version: 'v1', resource: 'widgets' },
      requestResource: { group: 'example.com', version: 'v2', resource: 'widgets' },
    });
  });
});

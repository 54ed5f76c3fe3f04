/** Which requests webhooks are asked about, and in which version they see the objects. */
import { until } from '../../support/until';
import { configMapRule, deny, patchOf, startWebhookTest, type WebhookTest } from '../../support/webhook-test';

let test: WebhookTest;
let api: WebhookTest['api'];
let answers: WebhookTest['answers'];
let callsTo: WebhookTest['callsTo'];
let register: WebhookTest['register'];
let namespaceFor: WebhookTest['namespaceFor'];
let ready: WebhookTest['ready'];

beforeAll(async () => {
  test = await startWebhookTest();
  ({ api, answers, callsTo, register, namespaceFor, ready } = test);
});
afterAll(() => test.stop());

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

  it('covers connections to pods, with their options', async () => {
    await namespaceFor('connected');
    const rule = { operations: ['CONNECT'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods/exec'] };
    answers.set('/connected', ({ operation }) => (operation === 'CONNECT' ? deny('no shells here') : undefined));
    await register('Validating', 'connected', { path: '/connected', rules: [configMapRule, rule] });
    await ready('connected', '/connected');
    await api.rest('POST', '/api/v1/namespaces/connected/serviceaccounts', {
      body: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } },
    });
    const { body: pod } = await api.rest('POST', '/api/v1/namespaces/connected/pods', {
      body: {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'p' },
        spec: { automountServiceAccountToken: false, containers: [{ name: 'a', image: 'busybox' }] },
      },
    });
    expect(pod.metadata.name).toBe('p');
    const { stderr } = await api.kubectl(['-n', 'connected', 'exec', 'p', '--', 'ls', '-l']);
    expect(stderr).toContain('admission webhook "connected-0.example.com" denied the request: no shells here');
    expect(callsTo('/connected')[0]!.body.request).toMatchObject({
      kind: { group: '', version: 'v1', kind: 'PodExecOptions' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      subResource: 'exec',
      name: 'p',
      namespace: 'connected',
      operation: 'CONNECT',
      object: { kind: 'PodExecOptions', apiVersion: 'v1', command: ['ls', '-l'], container: 'a' },
      oldObject: null,
      options: null,
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

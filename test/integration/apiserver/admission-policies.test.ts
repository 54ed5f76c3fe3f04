/** Policies in expressions, and what kubectl prints of their decisions. */
import { startTestApiServer, type TestApiServer } from '../../support/apiserver';
import { until } from '../../support/until';

let api: TestApiServer;

const registration = '/apis/admissionregistration.k8s.io/v1';
const configMaps = {
  operations: ['CREATE', 'UPDATE'],
  apiGroups: [''],
  apiVersions: ['v1'],
  resources: ['configmaps'],
};

async function post(path: string, body: Record<string, unknown>): Promise<any> {
  const answer = await api.rest('POST', path, { body });
  if (answer.code !== 201) throw new Error(answer.text);
  return answer.body;
}

interface PolicyOptions {
  kind?: 'Validating' | 'Mutating';
  spec: Record<string, unknown>;
  binding?: Record<string, unknown>;
}

/** A policy bound to the namespace of its own name, which is made here. */
async function bind(name: string, { kind = 'Validating', spec, binding = {} }: PolicyOptions): Promise<void> {
  const plural = `${kind.toLowerCase()}admissionpolic`;
  await post('/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { team: 'blue' } },
  });
  const apiVersion = 'admissionregistration.k8s.io/v1';
  await post(`${registration}/${plural}ies`, {
    apiVersion,
    kind: `${kind}AdmissionPolicy`,
    metadata: { name },
    spec: { matchConstraints: { resourceRules: [configMaps] }, ...spec },
  });
  await post(`${registration}/${plural}ybindings`, {
    apiVersion,
    kind: `${kind}AdmissionPolicyBinding`,
    metadata: { name: `${name}-binding` },
    spec: {
      policyName: name,
      ...(kind === 'Validating' && { validationActions: ['Deny'] }),
      matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } },
      ...binding,
    },
  });
}

const createMap = (namespace: string, data: Record<string, string>, query = '', name = 'm') =>
  api.rest('POST', `/api/v1/namespaces/${namespace}/configmaps${query}`, {
    body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data },
  });

/** Policies are followed by a watch: tries until the first request is treated as expected. */
const inForce = (namespace: string, data: Record<string, string>, isExpected: (answer: any) => boolean): Promise<any> =>
  until('the policy to be in force', async () => {
    const answer = await createMap(namespace, data, '?dryRun=All');
    return isExpected(answer) && answer;
  });

beforeAll(async () => {
  api = await startTestApiServer();
});
afterAll(() => api.stop());

describe('validating admission policies', () => {
  it('refuse in upstream words, and kubectl prints it', async () => {
    await bind('sized', { spec: { validations: [{ expression: 'int(object.data.size) <= 5' }] } });
    const { body } = await inForce('sized', { size: '9' }, ({ code }) => code === 422);
    const message = `ValidatingAdmissionPolicy 'sized' with binding 'sized-binding' denied request: failed expression: int(object.data.size) <= 5`;
    expect(body).toMatchObject({
      reason: 'Invalid',
      message: `configmaps "m" is forbidden: ${message}`,
      details: { name: 'm', kind: 'configmaps', causes: [{ message }] },
    });
    const { stderr } = await api.kubectl(['-n', 'sized', 'create', 'configmap', 'm', '--from-literal=size=9']);
    expect(stderr).toContain(message);
    expect((await createMap('sized', { size: '5' })).code).toBe(201);
  });

  it('know variables, the namespace, the request, and say what is wrong in their own words', async () => {
    await bind('worded', {
      spec: {
        variables: [
          { name: 'team', expression: "namespaceObject.metadata.labels['team']" },
          { name: 'expected', expression: "variables.team + '-' + request.userInfo.username" },
        ],
        validations: [
          {
            expression: 'object.data.owner == variables.expected',
            messageExpression: "'owner must be ' + variables.expected + ', not ' + object.data.owner",
            reason: 'Forbidden',
          },
        ],
      },
    });
    const { body } = await inForce('worded', { owner: 'me' }, ({ code }) => code === 403);
    expect(body.message).toMatch(/denied request: owner must be blue-kubernetes-admin, not me$/);
    expect((await createMap('worded', { owner: 'blue-kubernetes-admin' })).code).toBe(201);
  });

  it('warn and let pass where the binding says so', async () => {
    await bind('warned', {
      spec: { validations: [{ expression: 'false', message: 'not like this' }] },
      binding: { validationActions: ['Warn', 'Audit'] },
    });
    const { headers } = await inForce(
      'warned',
      {},
      (answer) => answer.code === 201 && answer.headers.warning !== undefined,
    );
    expect(headers.warning).toContain(
      "Validation failed for ValidatingAdmissionPolicy 'warned' with binding 'warned-binding': not like this",
    );
  });

  it('take parameters, and deny without them where the binding says so', async () => {
    await bind('limited', {
      spec: {
        paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
        validations: [{ expression: 'int(object.data.size) <= int(params.data.max)' }],
        matchConditions: [{ name: 'not-the-limits', expression: "request.name != 'limits'" }],
      },
      binding: { paramRef: { name: 'limits', parameterNotFoundAction: 'Deny' } },
    });
    const missing = await inForce('limited', { size: '1' }, ({ code }) => code === 422);
    expect(missing.body.message).toContain(
      'failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction',
    );
    await post(`/api/v1/namespaces/sized/configmaps`, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'limits' },
      data: { max: '3', size: '1' },
    });
    const { body } = await api.rest('PATCH', `${registration}/validatingadmissionpolicybindings/limited-binding`, {
      body: { spec: { paramRef: { namespace: 'sized' } } },
      headers: { 'content-type': 'application/merge-patch+json' },
    });
    expect(body.spec.paramRef.namespace).toBe('sized');
    await inForce('limited', { size: '3' }, ({ code }) => code === 201);
    expect((await createMap('limited', { size: '4' })).code).toBe(422);
  });

  it('take custom resources as parameters, all that are selected', async () => {
    const schema = {
      openAPIV3Schema: { type: 'object', properties: { max: { type: 'integer' } } },
    };
    await post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'limits.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Cluster',
        names: { plural: 'limits', singular: 'limit', kind: 'Limit' },
        versions: [{ name: 'v1', served: true, storage: true, schema }],
      },
    });
    for (const max of [10, 5]) {
      const limit = {
        apiVersion: 'example.com/v1',
        kind: 'Limit',
        metadata: { name: `l${max}`, labels: { on: 'yes' } },
        max,
      };
      await until('the kind to be served', async () => {
        const { code } = await api.rest('POST', '/apis/example.com/v1/limits', { body: limit });
        return code === 201;
      });
    }
    await bind('selected', {
      spec: {
        paramKind: { apiVersion: 'example.com/v1', kind: 'Limit' },
        validations: [
          { expression: 'int(object.data.size) <= params.max', messageExpression: "'over ' + string(params.max)" },
        ],
      },
      binding: { paramRef: { selector: { matchLabels: { on: 'yes' } }, parameterNotFoundAction: 'Deny' } },
    });
    const { body } = await inForce('selected', { size: '7' }, ({ code }) => code === 422);
    expect(body.message).toMatch(/denied request: over 5$/);
    expect((await createMap('selected', { size: '4' })).code).toBe(201);
  });

  it('ask the authorizer', async () => {
    await bind('authorized', {
      spec: {
        validations: [
          {
            expression:
              "authorizer.group('').resource('secrets').namespace('authorized').check('get').allowed() && authorizer.requestResource.check('create').allowed()",
            message: 'readers of secrets only',
          },
        ],
      },
    });
    const { kubeconfig } = await api.identity('carol', ['devs']);
    await post('/apis/rbac.authorization.k8s.io/v1/namespaces/authorized/rolebindings', {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'carol' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'carol' }],
    });
    await post('/apis/rbac.authorization.k8s.io/v1/namespaces/authorized/roles', {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: 'maps' },
      rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['create'] }],
    });
    await post('/apis/rbac.authorization.k8s.io/v1/namespaces/authorized/rolebindings', {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'maps' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'maps' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'carol' }],
    });
    await until('carol to be refused by the policy', async () => {
      const { stderr } = await api.kubectl(['-n', 'authorized', 'create', 'configmap', 'x', '--dry-run=server'], {
        kubeconfig,
      });
      return stderr.includes('readers of secrets only');
    });
    expect((await createMap('authorized', {})).code).toBe(201);
  });

  it('deny what cannot be evaluated, unless failures are ignored', async () => {
    await bind('strict', { spec: { validations: [{ expression: "object.data.missing == ''" }] } });
    const { body } = await inForce('strict', {}, ({ code }) => code === 422);
    expect(body.message).toContain("expression 'object.data.missing == ''' resulted in error: no such key: ");
    await bind('lenient', {
      spec: { failurePolicy: 'Ignore', validations: [{ expression: "object.data.missing == ''" }] },
    });
    expect((await createMap('lenient', {})).code).toBe(201);
  });

  it('are bounded in what they may cost', async () => {
    await bind('costly', {
      spec: {
        variables: [{ name: 'list', expression: "'x'.split('')" }],
        validations: [
          {
            expression:
              "object.data.text.split('').all(a, object.data.text.split('').all(b, object.data.text.split('').all(c, a == b && b == c)))",
          },
        ],
      },
    });
    const { body } = await inForce('costly', { text: 'x'.repeat(2000) }, ({ code }) => code === 422);
    expect(body.message).toContain('operation cancelled: actual cost limit exceeded');
  });

  it('see deletions, and exclude what they are told to', async () => {
    await bind('kept', {
      spec: {
        matchConstraints: {
          resourceRules: [{ ...configMaps, operations: ['DELETE'] }],
          excludeResourceRules: [{ ...configMaps, operations: ['DELETE'], resourceNames: ['loose'] }],
        },
        validations: [{ expression: "object == null && oldObject.data.keep != 'yes'", message: 'it is kept' }],
      },
    });
    await createMap('kept', { keep: 'yes' }, '', 'held');
    await createMap('kept', { keep: 'yes' }, '', 'loose');
    await until('the policy to be in force', async () => {
      const { code } = await api.rest('DELETE', '/api/v1/namespaces/kept/configmaps/held?dryRun=All');
      return code === 422;
    });
    const { stderr } = await api.kubectl(['-n', 'kept', 'delete', 'configmap', 'held']);
    expect(stderr).toContain("ValidatingAdmissionPolicy 'kept' with binding 'kept-binding' denied request: it is kept");
    expect((await api.rest('DELETE', '/api/v1/namespaces/kept/configmaps/loose')).code).toBe(200);
  });
});

describe('mutating admission policies', () => {
  const mutating = (
    name: string,
    mutations: unknown[],
    more: Record<string, unknown> = {},
    rule = configMaps,
  ): Promise<void> =>
    bind(name, {
      kind: 'Mutating',
      spec: { matchConstraints: { resourceRules: [rule] }, reinvocationPolicy: 'Never', mutations, ...more },
    });
  const apply = (expression: string) => ({ patchType: 'ApplyConfiguration', applyConfiguration: { expression } });
  const patch = (expression: string) => ({ patchType: 'JSONPatch', jsonPatch: { expression } });

  it('merge what they build, and patch, each seeing what came before', async () => {
    await mutating('merged', [
      apply(`Object{metadata: Object.metadata{labels: {'made-by': request.userInfo.username}}, data: {'b': '2'}}`),
      patch(
        `[JSONPatch{op: 'add', path: '/metadata/labels/' + jsonpatch.escapeKey('c/d'), value: object.data.b + 'x'}]`,
      ),
    ]);
    const { body } = await inForce('merged', { a: '1' }, ({ body: made }) => made.data?.b !== undefined);
    expect(body.data).toEqual({ a: '1', b: '2' });
    expect(body.metadata.labels).toEqual({ 'made-by': 'kubernetes-admin', 'c/d': '2x' });
  });

  it('merge lists by their keys', async () => {
    const pods = { ...configMaps, resources: ['pods'] };
    await mutating(
      'sidecars',
      [
        apply(`Object{spec: Object.spec{containers: [Object.spec.containers{name: 'side', image: 'busybox'}]}}`),
        apply(
          `Object{spec: Object.spec{containers: object.spec.containers.map(c, Object.spec.containers{name: c.name, imagePullPolicy: 'Never'})}}`,
        ),
      ],
      { matchConditions: [{ name: 'unless', expression: "!object.spec.containers.exists(c, c.name == 'none')" }] },
      pods,
    );
    await post('/api/v1/namespaces/sidecars/serviceaccounts', {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'default' },
    });
    const create = () =>
      api.rest('POST', '/api/v1/namespaces/sidecars/pods?dryRun=All', {
        body: {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name: 'p' },
          spec: { automountServiceAccountToken: false, containers: [{ name: 'main', image: 'nginx' }] },
        },
      });
    const containers = await until('the policy to be in force', async () => {
      const { body } = await create();
      return body.spec?.containers.length === 2 && body.spec.containers;
    });
    expect(containers).toMatchObject([
      { name: 'main', image: 'nginx', imagePullPolicy: 'Never' },
      { name: 'side', image: 'busybox', imagePullPolicy: 'Never', terminationMessagePolicy: 'File' },
    ]);
  });

  it('deny what they cannot do', async () => {
    await mutating('atomic', [apply(`Object{metadata: Object.meta{labels: {'a': 'b'}}}`)]);
    const { body } = await inForce('atomic', {}, ({ code }) => code === 403);
    expect(body.message).toContain(
      `policy 'atomic' with binding 'atomic-binding' denied request: error applying patch: type mismatch: unexpected type name "Object.meta", expected "Object.metadata"`,
    );
    await mutating('unpatchable', [patch(`[JSONPatch{op: 'remove', path: '/nowhere'}]`)], { failurePolicy: 'Ignore' });
    expect((await createMap('unpatchable', {})).code).toBe(201);
  });
});

describe('expressions', () => {
  const base = { matchConstraints: { resourceRules: [configMaps] } };
  const policy = (kind: string, spec: Record<string, unknown>) => ({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind,
    metadata: { name: 'wrong' },
    spec: { ...base, ...spec },
  });

  it.each<[string, string, Record<string, unknown>, string]>([
    [
      'validatingadmissionpolicies',
      'ValidatingAdmissionPolicy',
      { validations: [{ expression: 'object.x' }] },
      'spec.validations[0].expression: Invalid value: "object.x": must evaluate to bool',
    ],
    [
      'validatingadmissionpolicies',
      'ValidatingAdmissionPolicy',
      { validations: [{ expression: 'nope' }] },
      "spec.validations[0].expression: Invalid value: \"nope\": compilation failed: ERROR: <input>:1:1: undeclared reference to 'nope' (in container '')",
    ],
    [
      'validatingadmissionpolicies',
      'ValidatingAdmissionPolicy',
      { validations: [{ expression: 'true', messageExpression: '1' }] },
      'spec.validations[0].messageExpression: Invalid value: "1": must evaluate to string',
    ],
    [
      'validatingadmissionpolicies',
      'ValidatingAdmissionPolicy',
      { variables: [{ name: 'a', expression: '1 +' }], validations: [{ expression: 'true' }] },
      'spec.variables[0].expression: Invalid value: "1 +": compilation failed: ERROR: <input>:1:4: Syntax error',
    ],
    [
      'mutatingadmissionpolicies',
      'MutatingAdmissionPolicy',
      { reinvocationPolicy: 'Never', mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: '"x"' } }] },
      'spec.mutations[0].jsonPatch.expression: Invalid value: "\\"x\\"": must evaluate to',
    ],
  ])('of %s are checked when written: %#', async (plural, kind, spec, message) => {
    const { code, body } = await api.rest('POST', `${registration}/${plural}`, { body: policy(kind, spec) });
    expect(code).toBe(422);
    expect(body.message).toContain(message);
  });
});

describe('type checking', () => {
  it('warns in the status of what does not fit the kinds that are matched', async () => {
    const deployments = {
      operations: ['CREATE'],
      apiGroups: ['apps'],
      apiVersions: ['v1'],
      resources: ['deployments'],
    };
    await post(`${registration}/validatingadmissionpolicies`, {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name: 'typed' },
      spec: {
        matchConstraints: { resourceRules: [deployments] },
        variables: [{ name: 'containers', expression: 'object.spec.template.spec.containers' }],
        validations: [
          { expression: 'object.replicas > 1' },
          { expression: "variables.containers.all(c, c.image.startsWith('a') && c.resources.limits['cpu'] != '')" },
          { expression: 'object.spec.replicas > 1', messageExpression: "'replicas: ' + object.spec.replicas" },
        ],
      },
    });
    const status = await until('the status', async () => {
      const { body } = await api.rest('GET', `${registration}/validatingadmissionpolicies/typed`);
      return body.status?.observedGeneration === 1 && body.status;
    });
    expect(status.typeChecking.expressionWarnings).toEqual([
      {
        fieldRef: 'spec.validations[0].expression',
        warning:
          "apps/v1, Kind=Deployment: ERROR: <input>:1:7: undefined field 'replicas'\n | object.replicas > 1\n | ......^\n",
      },
      {
        fieldRef: 'spec.validations[2].messageExpression',
        warning: expect.stringContaining("found no matching overload for '_+_' applied to '(string, int)'"),
      },
    ]);
  });
});

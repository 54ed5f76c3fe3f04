/** Server-side apply and managed fields over HTTP. */
import { type RestAnswer, startTestApiServer, type TestApiServer } from '../../support/apiserver';
import { until } from '../../support/until';

let server: TestApiServer;

beforeAll(async () => {
  server = await startTestApiServer();
});

afterAll(async () => {
  await server?.stop();
});

const deployments = '/apis/apps/v1/namespaces/default/deployments';
const configMaps = '/api/v1/namespaces/default/configmaps';

const apply = (path: string, config: object | string, manager: string, query = ''): Promise<RestAnswer> =>
  server.rest('PATCH', `${path}?fieldManager=${manager}${query}`, {
    body: config,
    headers: { 'content-type': 'application/apply-patch+yaml' },
  });

const mergePatch = (path: string, patch: object, manager: string): Promise<RestAnswer> =>
  server.rest('PATCH', `${path}?fieldManager=${manager}`, {
    body: patch,
    headers: { 'content-type': 'application/merge-patch+json' },
  });

const deployment = (name: string, spec: object = {}, metadata: object = {}): any => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, ...metadata },
  spec: {
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'web', image: 'web:1' }] },
    },
    ...spec,
  },
});

const configMap = (name: string, data?: object, metadata: object = {}): any => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...metadata },
  ...(data && { data }),
});

/** `manager operation[ subresource]` of each entry, with its fields. */
const owners = ({ body }: RestAnswer): Record<string, unknown> =>
  Object.fromEntries(
    (body.metadata.managedFields ?? []).map((entry: any) => [
      [entry.manager, entry.operation, entry.subresource].filter(Boolean).join(' '),
      entry.fieldsV1,
    ]),
  );

describe('writes', () => {
  it('record the fields of a new object, without what the server fills in later', async () => {
    const made = await server.rest('POST', deployments, {
      body: deployment('recorded', { replicas: 2 }),
      headers: { 'user-agent': 'kubectl-create/v1.36.0 (linux/amd64)' },
    });
    const [entry, ...others] = made.body.metadata.managedFields;
    expect(others).toEqual([]);
    expect(entry).toMatchObject({ manager: 'kubectl-create', operation: 'Update', apiVersion: 'apps/v1' });
    // A second may end between the two times.
    expect([entry.fieldsType, entry.time >= made.body.metadata.creationTimestamp]).toEqual(['FieldsV1', true]);
    expect(entry.fieldsV1).toEqual({
      'f:spec': {
        'f:progressDeadlineSeconds': {},
        'f:replicas': {},
        'f:revisionHistoryLimit': {},
        'f:selector': {},
        'f:strategy': {
          'f:rollingUpdate': { '.': {}, 'f:maxSurge': {}, 'f:maxUnavailable': {} },
          'f:type': {},
        },
        'f:template': {
          'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
          'f:spec': {
            'f:containers': {
              'k:{"name":"web"}': {
                '.': {},
                'f:image': {},
                'f:imagePullPolicy': {},
                'f:name': {},
                'f:resources': {},
                'f:terminationMessagePath': {},
                'f:terminationMessagePolicy': {},
              },
            },
            'f:dnsPolicy': {},
            'f:restartPolicy': {},
            'f:schedulerName': {},
            'f:securityContext': {},
            'f:terminationGracePeriodSeconds': {},
          },
        },
      },
    });
  });

  it('take fields from each other, and forget them when they go', async () => {
    const path = `${configMaps}/shared`;
    await server.rest('POST', `${configMaps}?fieldManager=one`, { body: configMap('shared', { a: '1', b: '1' }) });
    const changed = await mergePatch(path, { data: { b: '2', c: '2' } }, 'two');
    expect(owners(changed)).toEqual({
      'one Update': { 'f:data': { '.': {}, 'f:a': {} } },
      'two Update': { 'f:data': { 'f:b': {}, 'f:c': {} } },
    });
    const removed = await mergePatch(path, { data: { a: null, b: null } }, 'three');
    expect(owners(removed)).toEqual({
      'one Update': { 'f:data': {} },
      'two Update': { 'f:data': { 'f:c': {} } },
    });
  });

  it('are one entry for each manager and subresource, and leave the status to its path', async () => {
    const path = `${deployments}/by-path`;
    await server.rest('POST', `${deployments}?fieldManager=m`, {
      body: { ...deployment('by-path'), status: { replicas: 1 } },
    });
    const status = await mergePatch(`${path}/status`, { spec: { paused: true }, status: { replicas: 3 } }, 'm');
    expect(status.body.spec.paused).toBeUndefined();
    expect(owners(status)).toMatchObject({ 'm Update status': { 'f:status': { 'f:replicas': {} } } });
    const main = await mergePatch(path, { spec: { paused: true }, status: { replicas: 9 } }, 'm');
    expect(main.body.status.replicas).toBe(3);
    expect(Object.keys(owners(main)).sort()).toEqual(['m Update', 'm Update status']);
    expect(owners(main)['m Update status']).toEqual({ 'f:status': { 'f:replicas': {} } });
  });

  it('that change nothing write nothing', async () => {
    const body = configMap('same', { a: '1' });
    const made = await server.rest('POST', `${configMaps}?fieldManager=m`, { body });
    const put = await server.rest('PUT', `${configMaps}/same?fieldManager=other`, { body });
    expect(put.body.metadata).toEqual(made.body.metadata);
    const applied = await apply(`${configMaps}/same`, body, 'applier');
    expect(applied.body.metadata.resourceVersion).not.toBe(made.body.metadata.resourceVersion);
    const again = await apply(`${configMaps}/same`, body, 'applier');
    expect(again.body).toEqual(applied.body);
  });

  it('clear all managers with one empty entry, and none with an empty list', async () => {
    const path = `${configMaps}/cleared`;
    await server.rest('POST', `${configMaps}?fieldManager=m`, { body: configMap('cleared', { a: '1' }) });
    const kept = await mergePatch(path, { metadata: { managedFields: [] } }, 'n');
    expect(Object.keys(owners(kept))).toEqual(['m Update']);
    const cleared = await mergePatch(path, { metadata: { managedFields: [{}] } }, 'n');
    expect(cleared.body.metadata.managedFields).toBeUndefined();
    const untracked = await mergePatch(path, { data: { b: '2' } }, 'n');
    expect(untracked.body.metadata.managedFields).toBeUndefined();
    const applied = await apply(path, configMap('cleared', { a: '1' }), 'applier');
    expect(owners(applied)).toEqual({
      'applier Apply': { 'f:data': { 'f:a': {} } },
      'before-first-apply Update': { 'f:data': { '.': {}, 'f:a': {}, 'f:b': {} } },
    });
  });

  it('ignore managed fields that nobody can read', async () => {
    const path = `${configMaps}/broken`;
    const made = await server.rest('POST', `${configMaps}?fieldManager=m`, { body: configMap('broken', { a: '1' }) });
    const [entry] = made.body.metadata.managedFields;
    const bad = { ...entry, fieldsV1: { 'f:data': { 'x:y': {} } } };
    const patched = await mergePatch(path, { metadata: { managedFields: [bad] } }, 'n');
    expect(patched.body.metadata.managedFields).toEqual([entry]);
    const given = { ...entry, manager: 'given', fieldsV1: { 'f:data': { 'f:a': {} } } };
    const replaced = await mergePatch(path, { metadata: { managedFields: [given] } }, 'n');
    expect(replaced.body.metadata.managedFields).toEqual([given]);
  });

  it('through other paths own what those change', async () => {
    const path = '/api/v1/namespaces/default/pods/debugged';
    await server.rest('POST', '/api/v1/namespaces/default/serviceaccounts', {
      body: { metadata: { name: 'default' } },
    });
    const spec = { containers: [{ name: 'web', image: 'web:1' }], automountServiceAccountToken: false };
    const made = await server.rest('POST', '/api/v1/namespaces/default/pods?fieldManager=m', {
      body: { metadata: { name: 'debugged' }, spec },
    });
    expect(made.code).toBe(201);
    const ephemeralContainers = [{ name: 'debug', image: 'debug:1' }];
    const patched = await mergePatch(`${path}/ephemeralcontainers`, { spec: { ephemeralContainers } }, 'debugger');
    expect(owners(patched)['debugger Update ephemeralcontainers']).toMatchObject({
      'f:spec': { 'f:ephemeralContainers': { '.': {}, 'k:{"name":"debug"}': { 'f:image': {} } } },
    });
  });

  it('keep an owner that is named twice once, and warn', async () => {
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: 'u' };
    const made = await server.rest('POST', configMaps, {
      body: configMap('owned-twice', {}, { ownerReferences: [owner, owner] }),
    });
    expect(made.body.metadata.ownerReferences).toEqual([owner]);
    expect(String(made.headers.warning)).toContain('duplicate UID(s) observed: u');
  });

  it('fold the oldest of many managers into one', async () => {
    const path = `${configMaps}/many`;
    await server.rest('POST', `${configMaps}?fieldManager=m0`, { body: configMap('many', { k0: '' }) });
    for (let i = 1; i < 14; i++) await mergePatch(path, { data: { [`k${i}`]: '' } }, `m${i}`);
    const entries = (await server.rest('GET', path)).body.metadata.managedFields;
    expect(entries).toHaveLength(10);
    const old = entries.find(({ manager }: { manager: string }) => manager === 'ancient-changes');
    expect(Object.keys(old.fieldsV1['f:data']).length).toBeGreaterThan(4);
  });

  it('through scale own the replicas, under its name', async () => {
    const path = `${deployments}/scaled`;
    await server.rest('POST', `${deployments}?fieldManager=m`, { body: deployment('scaled', { replicas: 1 }) });
    await mergePatch(`${path}/scale`, { spec: { replicas: 3 } }, 'scaler');
    const scaled = await server.rest('GET', path);
    expect(owners(scaled)['scaler Update scale']).toEqual({ 'f:spec': { 'f:replicas': {} } });
    expect(owners(scaled)['m Update']).not.toHaveProperty(['f:spec', 'f:replicas']);
    const refused = await apply(path, deployment('scaled', { replicas: 5 }), 'applier');
    expect(refused.body.message).toBe(
      'Apply failed with 1 conflict: conflict with "scaler" with subresource "scale" using apps/v1: .spec.replicas',
    );
    const scale = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'scaled' }, spec: { replicas: 4 } };
    expect((await apply(`${path}/scale`, scale, 'applier')).code).toBe(409);
    const forced = await apply(`${path}/scale`, scale, 'applier', '&force=true');
    expect(forced.body).toMatchObject({ kind: 'Scale', spec: { replicas: 4 } });
    expect(owners(await server.rest('GET', path))).toMatchObject({
      'applier Apply scale': { 'f:spec': { 'f:replicas': {} } },
    });
  });
});

describe('apply', () => {
  it('creates, and is the applier from then on', async () => {
    const made = await apply(`${deployments}/applied`, deployment('applied', { replicas: 3 }), 'me');
    expect(made.code).toBe(201);
    expect(made.body.metadata).toMatchObject({ generation: 1, namespace: 'default' });
    expect(owners(made)).toEqual({
      'me Apply': {
        'f:spec': {
          'f:replicas': {},
          'f:selector': {},
          'f:template': {
            'f:metadata': { 'f:labels': { 'f:app': {} } },
            'f:spec': { 'f:containers': { 'k:{"name":"web"}': { '.': {}, 'f:image': {}, 'f:name': {} } } },
          },
        },
      },
    });
  });

  it('conflicts with others unless it is forced, and removes what it no longer says', async () => {
    const path = `${deployments}/contested`;
    await server.rest('POST', `${deployments}?fieldManager=creator`, {
      body: deployment('contested', { replicas: 2 }),
    });
    const config = deployment('contested', { replicas: 3, minReadySeconds: 5, paused: true });
    const refused = await apply(path, config, 'me');
    expect(refused.body).toMatchObject({
      code: 409,
      reason: 'Conflict',
      message: 'Apply failed with 1 conflict: conflict with "creator" using apps/v1: .spec.replicas',
      details: {
        causes: [
          {
            reason: 'FieldManagerConflict',
            message: 'conflict with "creator" using apps/v1',
            field: '.spec.replicas',
          },
        ],
      },
    });
    const forced = await apply(path, config, 'me', '&force=true');
    expect(forced.body.spec).toMatchObject({ replicas: 3, minReadySeconds: 5, paused: true });
    expect(owners(forced)['creator Update']).not.toHaveProperty(['f:spec', 'f:replicas']);
    const less = await apply(path, deployment('contested', { paused: true }), 'me');
    expect(less.body.spec).toMatchObject({ replicas: 1, paused: true });
    expect(less.body.spec.minReadySeconds).toBeUndefined();
  });

  it('names several conflicts by their managers', async () => {
    const path = `${configMaps}/conflicts`;
    await server.rest('POST', `${configMaps}?fieldManager=b`, { body: configMap('conflicts', { x: '1', y: '1' }) });
    await apply(path, configMap('conflicts', { z: '1' }), 'a');
    const refused = await apply(path, configMap('conflicts', { x: '2', y: '2', z: '2' }), 'c');
    expect(refused.body.message).toBe(
      'Apply failed with 3 conflicts: conflicts with "a":\n- .data.z\nconflicts with "b" using v1:\n- .data.x\n- .data.y',
    );
  });

  it('merges lists by their keys, with the defaults of missing ones', async () => {
    const path = '/api/v1/namespaces/default/services/ports';
    const service = (ports: object[]): object => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'ports' },
      spec: { ports },
    });
    await apply(path, service([{ name: 'dns', port: 53, protocol: 'UDP' }]), 'one');
    const both = await apply(path, service([{ name: 'dns-tcp', port: 53 }]), 'two');
    expect(both.body.spec.ports).toMatchObject([
      { name: 'dns', protocol: 'UDP' },
      { name: 'dns-tcp', protocol: 'TCP' },
    ]);
    expect(owners(both)['two Apply']).toEqual({
      'f:spec': { 'f:ports': { 'k:{"port":53,"protocol":"TCP"}': { '.': {}, 'f:name': {}, 'f:port': {} } } },
    });
    const one = await apply(path, service([]), 'one');
    expect(one.body.spec.ports).toMatchObject([{ name: 'dns-tcp' }]);
  });

  it('through status owns the status alone', async () => {
    const path = `${deployments}/status-applied`;
    await apply(path, deployment('status-applied'), 'me');
    const config = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'status-applied' } };
    const applied = await apply(`${path}/status`, { ...config, spec: { paused: true }, status: { replicas: 1 } }, 'me');
    expect(applied.body).toMatchObject({ status: { replicas: 1 } });
    expect(applied.body.spec.paused).toBeUndefined();
    expect(owners(applied)['me Apply status']).toEqual({ 'f:status': { 'f:replicas': {} } });
    expect((await apply(`${deployments}/absent/status`, { ...config, metadata: { name: 'absent' } }, 'me')).code).toBe(
      404,
    );
  });

  it('tries out without writing', async () => {
    const path = `${configMaps}/dry`;
    const tried = await apply(path, configMap('dry', { a: '1' }), 'me', '&dryRun=All');
    expect(tried.code).toBe(201);
    expect(owners(tried)).toEqual({ 'me Apply': { 'f:data': { 'f:a': {} } } });
    expect((await server.rest('GET', path)).code).toBe(404);
  });

  it('reads YAML', async () => {
    const yaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: yaml\ndata:\n  a: "1"\n';
    expect((await apply(`${configMaps}/yaml`, yaml, 'me')).body.data).toEqual({ a: '1' });
  });

  it('of another version of a kind keeps the fields of both', async () => {
    const v1 = '/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers';
    if ((await server.rest('GET', v1)).code !== 200) return;
    const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'x' };
    const base = { kind: 'HorizontalPodAutoscaler', metadata: { name: 'versions' } };
    const first = await apply(
      `${v1}/versions`,
      { ...base, apiVersion: 'autoscaling/v1', spec: { scaleTargetRef, maxReplicas: 3, minReplicas: 2 } },
      'one',
    );
    expect(first.code).toBe(201);
    const refused = await apply(
      `${v1.replace('/v1/', '/v2/')}/versions`,
      { ...base, apiVersion: 'autoscaling/v2', spec: { scaleTargetRef, maxReplicas: 4 } },
      'two',
    );
    expect(refused.body.message).toBe('Apply failed with 1 conflict: conflict with "one": .spec.maxReplicas');
  });

  it.each([
    [
      'no field manager',
      '',
      {},
      422,
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    ],
    [
      'managed fields',
      '?fieldManager=m',
      { metadata: { name: 'bad', managedFields: [] } },
      400,
      'metadata.managedFields must be nil',
    ],
    ['another kind', '?fieldManager=m', { kind: 'Secret' }, 400, 'invalid object type: /v1, Kind=Secret'],
    [
      'an apiVersion that is null',
      '?fieldManager=m',
      { apiVersion: null },
      400,
      'invalid object type: /, Kind=ConfigMap',
    ],
    [
      'an unknown field',
      '?fieldManager=m',
      { dada: {} },
      500,
      'failed to create typed patch object (/bad; /v1, Kind=ConfigMap): .dada: field not declared in schema',
    ],
    [
      'a wrong type',
      '?fieldManager=m',
      { immutable: 'x' },
      500,
      'failed to create typed patch object (/bad; /v1, Kind=ConfigMap): .immutable: expected boolean, got &{x}',
    ],
    [
      'another name',
      '?fieldManager=m',
      { metadata: { name: 'other' } },
      400,
      'the name of the object (other) does not match the name on the URL (bad)',
    ],
  ])('refuses %s', async (_what, query, change, code, message) => {
    const answer = await server.rest('PATCH', `${configMaps}/bad${query}`, {
      body: { ...configMap('bad'), ...change },
      headers: { 'content-type': 'application/apply-patch+yaml' },
    });
    expect(answer.body).toMatchObject({ code, message });
  });

  it.each<[string, string, number]>([
    [
      'nested too deep',
      `{"apiVersion":"v1","kind":"ConfigMap","data":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_001)}`,
      400,
    ],
    ['nested too deep in YAML', `data: ${'{a: '.repeat(20_000)}1${'}'.repeat(20_000)}`, 400],
    [
      'of an alias bomb',
      `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefgh'.replace(/./g, (key, i: number) => `${key}: &${key} [${`*${'abcdefg'[i]},`.repeat(9)}]\n`)}`,
      400,
    ],
    [
      'with a prototype',
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"hostile"},"__proto__":{"data":{"a":"b"}}}',
      400,
    ],
    [
      'with a prototype among labels',
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: hostile\n  labels: {__proto__: {a: b}}\n',
      400,
    ],
    [
      'with a constructor',
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"hostile"},"constructor":{"prototype":{"a":1}}}',
      400,
    ],
    ['over the limit', `data: {a: "${'x'.repeat(3 * 1024 * 1024)}"}`, 413],
    ['that is no object', '[1, 2]', 400],
    ['that is no YAML', '{"a', 400],
    ['that is empty', '', 400],
  ])('refuses a configuration %s', async (_what, config, code) => {
    const answer = await apply(`${configMaps}/hostile`, config, 'm');
    expect(answer.body).toMatchObject({ kind: 'Status', code });
    expect(({} as Record<string, unknown>).a).toBeUndefined();
    expect((await server.rest('GET', `${configMaps}/hostile`)).code).toBe(404);
  });

  it('takes names that objects have in JavaScript as any others', async () => {
    const path = `${configMaps}/odd-names`;
    const data = { constructor: 'a', toString: 'b', hasOwnProperty: 'c', valueOf: 'd' };
    const applied = await apply(path, configMap('odd-names', data, { labels: { constructor: 'x' } }), 'm');
    expect(applied.body.data).toEqual(data);
    expect(owners(applied)['m Apply']).toEqual({
      'f:data': { 'f:constructor': {}, 'f:hasOwnProperty': {}, 'f:toString': {}, 'f:valueOf': {} },
      'f:metadata': { 'f:labels': { 'f:constructor': {} } },
    });
    const less = await apply(path, configMap('odd-names', { valueOf: 'd' }), 'm');
    expect(less.body.data).toEqual({ valueOf: 'd' });
  });

  it('creates only for those who may create', async () => {
    const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'patch', 'update'] }];
    const roles = '/apis/rbac.authorization.k8s.io/v1/namespaces/default';
    await server.rest('POST', `${roles}/roles`, { body: { metadata: { name: 'patcher' }, rules } });
    await server.rest('POST', `${roles}/rolebindings`, {
      body: {
        metadata: { name: 'patcher' },
        subjects: [{ kind: 'User', name: 'patcher' }],
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'patcher' },
      },
    });
    const identity = await server.identity('patcher');
    const as = (name: string): Promise<RestAnswer> =>
      server.rest('PATCH', `${configMaps}/${name}?fieldManager=m`, {
        body: configMap(name, { a: '1' }),
        headers: { 'content-type': 'application/apply-patch+yaml' },
        identity,
      });
    await apply(`${configMaps}/there`, configMap('there'), 'admin');
    await until('the role counts', async () => (await as('there')).code === 200);
    expect((await as('not-there')).body).toMatchObject({
      code: 403,
      message: expect.stringMatching(/User "patcher" cannot create resource "configmaps" in API group ""/) as string,
    });
  });

  it('is not spoken in CBOR, and force is only for it', async () => {
    const cbor = await server.rest('PATCH', `${configMaps}/bad?fieldManager=m`, {
      body: 'x',
      headers: { 'content-type': 'application/apply-patch+cbor' },
    });
    expect(cbor.code).toBe(415);
    const forced = await server.rest('PATCH', `${configMaps}/bad?force=true`, {
      body: {},
      headers: { 'content-type': 'application/merge-patch+json' },
    });
    expect(forced.body).toMatchObject({
      code: 422,
      message: expect.stringContaining('force: Forbidden: may not be specified for non-apply patch') as string,
    });
  });
});

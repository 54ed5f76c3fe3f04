/** What admission makes of pods, claims and namespaces, over a real API server, and as kubectl shows it. */
import { startTestApiServer, type TestApiServer } from '../../support/apiserver';
import { until } from '../../support/until';

let server: TestApiServer;
const soon = { everyMs: 10 };

beforeAll(async () => {
  server = await startTestApiServer();
});

afterAll(async () => {
  await server?.stop();
});

const rest = (method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
  server.rest(method, path, { ...(body !== undefined && { body }), ...(headers && { headers }) });
const namespaced = (namespace: string, plural: string) => `/api/v1/namespaces/${namespace}/${plural}`;

async function createNamespace(name: string, labels: Record<string, string> = {}): Promise<void> {
  expect((await rest('POST', '/api/v1/namespaces', { metadata: { name, labels } })).code).toBe(201);
  await rest('POST', namespaced(name, 'serviceaccounts'), { metadata: { name: 'default' } });
}

const pod = (name: string, spec: object = {}, container: object = {}) => ({
  metadata: { name },
  spec: { containers: [{ name: 'c', image: 'i', ...container }], ...spec },
});
const createPod = (namespace: string, body: object) => rest('POST', namespaced(namespace, 'pods'), body);
const warningsOf = (answer: { headers: Record<string, unknown> }): string => String(answer.headers['warning'] ?? '');

describe('LimitRanger', () => {
  beforeAll(async () => {
    await createNamespace('limits');
    const limits = [
      {
        type: 'Container',
        default: { cpu: '500m' },
        defaultRequest: { memory: '64Mi' },
        max: { cpu: '1' },
        min: { memory: '32Mi' },
      },
      { type: 'Pod', max: { cpu: '1500m' } },
      { type: 'PersistentVolumeClaim', min: { storage: '1Gi' }, max: { storage: '2Gi' } },
    ];
    await rest('POST', namespaced('limits', 'limitranges'), { metadata: { name: 'l' }, spec: { limits } });
    await until(
      'the limits hold',
      async () =>
        (await rest('POST', `${namespaced('limits', 'pods')}?dryRun=All`, pod('p'))).body.metadata.annotations,
      soon,
    );
  });

  it('fills in what containers leave out, and says so', async () => {
    const { body } = await createPod('limits', pod('filled'));
    expect(body.spec.containers[0].resources).toEqual({
      limits: { cpu: '500m' },
      requests: { cpu: '500m', memory: '64Mi' },
    });
    expect(body.metadata.annotations).toEqual({
      'kubernetes.io/limit-ranger':
        'LimitRanger plugin set: cpu, memory request for container c; cpu limit for container c',
    });
  });

  it.each([
    [
      'more',
      pod('p', {}, { resources: { limits: { cpu: '2' } } }),
      '[maximum cpu usage per Container is 1, but limit is 2, maximum cpu usage per Pod is 1500m, but limit is 2]',
    ],
    [
      'less',
      pod('p', {}, { resources: { requests: { memory: '1Mi' } } }),
      'minimum memory usage per Container is 32Mi, but request is 1Mi',
    ],
    [
      'too much together',
      pod('p', { containers: ['a', 'b'].map((name) => ({ name, image: 'i', resources: { limits: { cpu: '1' } } })) }),
      'maximum cpu usage per Pod is 1500m, but limit is 2',
    ],
  ])('refuses %s', async (_title, body, message) => {
    const answer = await createPod('limits', body);
    expect([answer.code, answer.body.message]).toEqual([403, `pods "p" is forbidden: ${message}`]);
  });

  it('limits claims', async () => {
    const claim = (storage: string) => ({
      metadata: { name: 'data' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
    });
    const path = namespaced('limits', 'persistentvolumeclaims');
    expect((await rest('POST', path, claim('3Gi'))).body.message).toBe(
      'persistentvolumeclaims "data" is forbidden: maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 3Gi',
    );
    expect((await rest('POST', path, claim('512Mi'))).body.message).toBe(
      'persistentvolumeclaims "data" is forbidden: minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 512Mi',
    );
    expect((await rest('POST', path, claim('1Gi'))).code).toBe(201);
  });

  it('shows with kubectl', async () => {
    const { stdout } = await server.kubectl(['describe', 'limitrange', 'l', '-n', 'limits']);
    expect(stdout.replace(/ +/g, ' ')).toContain('Container cpu - 1 500m 500m -');
    expect(stdout.replace(/ +/g, ' ')).toContain('PersistentVolumeClaim storage 1Gi 2Gi - - -');
  });
});

describe('PodSecurity', () => {
  const prefix = 'pod-security.kubernetes.io/';

  it('refuses pods below the level of their namespace, and warns of templates', async () => {
    await createNamespace('strict', { [`${prefix}enforce`]: 'restricted', [`${prefix}warn`]: 'baseline' });
    const refused = await createPod('strict', pod('p', { hostNetwork: true }));
    expect(refused.code).toBe(403);
    expect(refused.body.message).toBe(
      'pods "p" is forbidden: violates PodSecurity "restricted:latest": host namespaces (hostNetwork=true), ' +
        'allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false), ' +
        'unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]), ' +
        'runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true), ' +
        'seccompProfile (pod or container "c" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
    );
    const template = { metadata: { labels: { app: 'a' } }, spec: pod('', { hostNetwork: true }).spec };
    const deployment = await rest('POST', '/apis/apps/v1/namespaces/strict/deployments', {
      metadata: { name: 'd' },
      spec: { selector: { matchLabels: { app: 'a' } }, template },
    });
    expect(deployment.code).toBe(201);
    expect(warningsOf(deployment)).toContain(
      'would violate PodSecurity \\"baseline:latest\\": host namespaces (hostNetwork=true)',
    );
  });

  it('tells who tightens a namespace what is in it, and refuses labels that say nothing', async () => {
    await createNamespace('old');
    await createPod('old', pod('b', {}, { securityContext: { privileged: true } }));
    await createPod('old', pod('a', {}, { securityContext: { privileged: true } }));
    await until(
      'the pods are seen',
      async () => {
        const { stderr } = await server.kubectl([
          'label',
          '--dry-run=server',
          'ns',
          'old',
          `${prefix}enforce=baseline`,
        ]);
        return stderr.includes('a (and 1 other pod): privileged');
      },
      soon,
    );
    const { stdout, stderr } = await server.kubectl(['label', 'ns', 'old', `${prefix}enforce=baseline`]);
    expect(stderr).toBe(
      'Warning: existing pods in namespace "old" violate the new PodSecurity enforce level "baseline:latest"\n' +
        'Warning: a (and 1 other pod): privileged\n',
    );
    expect(stdout).toBe('namespace/old labeled\n');
    const wrong = await server.kubectl(['label', '--overwrite', 'ns', 'old', `${prefix}enforce=tight`]);
    expect(wrong.stderr).toContain(
      'The Namespace "old" is invalid: metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "tight": must be one of privileged, baseline, restricted',
    );
  });
});

describe('classes', () => {
  it('gives claims the newest default class, and lets them grow if it does', async () => {
    await createNamespace('classes');
    const storageClass = (name: string, more: object = {}) =>
      rest('POST', '/apis/storage.k8s.io/v1/storageclasses', {
        metadata: { name, annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
        provisioner: 'example.com/none',
        ...more,
      });
    await storageClass('gold');
    const path = namespaced('classes', 'persistentvolumeclaims');
    const claim = (name: string, spec: object = {}) => ({
      metadata: { name },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
    });
    await until(
      'the class is seen',
      async () => (await rest('POST', `${path}?dryRun=All`, claim('x'))).body.spec.storageClassName === 'gold',
      soon,
    );
    expect((await rest('POST', path, claim('none', { storageClassName: '' }))).body.spec.storageClassName).toBe('');
    const { body } = await rest('POST', path, claim('data'));
    const grow = (resource: any) =>
      rest('PUT', `${path}/data`, {
        ...resource,
        spec: { ...resource.spec, resources: { requests: { storage: '2Gi' } } },
      });
    const bound = await rest('PUT', `${path}/data/status`, { ...body, status: { phase: 'Bound' } });
    expect((await grow(bound.body)).body.message).toContain(
      'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
    );
  });

  it('adds what a runtime class costs', async () => {
    await rest('POST', '/apis/node.k8s.io/v1/runtimeclasses', {
      metadata: { name: 'sandboxed' },
      handler: 'sandbox',
      overhead: { podFixed: { cpu: '100m' } },
      scheduling: { nodeSelector: { sandbox: 'yes' }, tolerations: [{ key: 'sandbox', operator: 'Exists' }] },
    });
    const { body } = await createPod(
      'classes',
      pod('in', { runtimeClassName: 'sandboxed', nodeSelector: { disk: 'ssd' } }),
    );
    expect(body.spec.overhead).toEqual({ cpu: '100m' });
    expect(body.spec.nodeSelector).toEqual({ disk: 'ssd', sandbox: 'yes' });
    expect(body.spec.tolerations).toContainEqual({ key: 'sandbox', operator: 'Exists' });
    const conflict = await createPod(
      'classes',
      pod('p', { runtimeClassName: 'sandboxed', nodeSelector: { sandbox: 'no' } }),
    );
    expect(conflict.body.message).toBe(
      'pods "p" is forbidden: conflict: runtimeClass.scheduling.nodeSelector[sandbox] = yes; pod.spec.nodeSelector[sandbox] = no',
    );
    expect((await createPod('classes', pod('p', { overhead: { cpu: '1' } }))).body.message).toBe(
      'pods "p" is forbidden: pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead',
    );
    expect((await createPod('classes', pod('p', { runtimeClassName: 'no' }))).body.message).toBe(
      'pods "p" is forbidden: pod rejected: RuntimeClass "no" not found',
    );
  });
});

it('measures plugins and steps', async () => {
  const { text } = await rest('GET', '/metrics');
  expect(text).toMatch(
    /apiserver_admission_controller_admission_duration_seconds_count\{name="LimitRanger",type="validate",operation="CREATE",rejected="true"\} [1-9]/,
  );
  expect(text).toMatch(
    /apiserver_admission_step_admission_duration_seconds_count\{type="admit",operation="CREATE",rejected="false"\} [1-9]/,
  );
  expect(text).toMatch(/pod_security_evaluations_total\{decision="deny",policy_level="restricted"/);
});

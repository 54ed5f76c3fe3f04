/** Kinds as kubectl shows them: created from their samples, listed wide, described and explained. */
import { resources } from '../../../api/resources';
import { allowPods, startTestApiServer, type TestApiServer } from '../../support/apiserver';
import { loadFixture } from '../../support/fixtures';
import { until } from '../../support/until';

let server: TestApiServer;

const extensions = ['admissionregistration', 'apiextensions', 'apiregistration', 'networking', 'node', 'storage'];
const groups = ['', 'apps', 'autoscaling', 'batch', ...extensions.map((name) => `${name}.k8s.io`)];
groups.push('flowcontrol.apiserver.k8s.io');
const kinds = resources.filter(({ group, verbs }) => groups.includes(group) && verbs.includes('watch'));
const sampleNames = new Set(kinds.map((definition) => loadFixture(definition).metadata.name as string));

const kubectl = async (args: string[], input?: string): Promise<{ stdout: string; stderr: string }> => {
  const { code, stdout, stderr } = await server.kubectl(args, { ...(input !== undefined && { input }) });
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
  return { stdout: stdout.trimEnd(), stderr: stderr.trimEnd() };
};

beforeAll(async () => {
  server = await startTestApiServer();
  await allowPods(server);
  const items = kinds.map((definition) => loadFixture(definition) as object);
  await kubectl(['create', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
});

afterAll(async () => {
  await server?.stop();
});

/** True for a line that begins with a sample's name, or with its kind and name. */
const isSample = (line: string): boolean => sampleNames.has(line.split(' ')[0]!.split('/').at(-1)!);

/** The heading and the line of the sample, with single spaces; ages are those of new objects. */
async function listed(...args: string[]): Promise<string[]> {
  const lines = (await kubectl(['get', ...args])).stdout.split('\n');
  return [lines[0]!, ...lines.filter(isSample)].map((line) =>
    line
      .replaceAll(/ {2,}/g, ' | ')
      .replaceAll(/\b(?:\d+m)?\d+s\b|\b[2-9]m\b/g, 'age')
      .replace(/ \| $/, ''),
  );
}

it.each<[string, string, string]>([
  ['controllerrevisions', 'NAME | CONTROLLER | REVISION | AGE', 'sample | <none> | 1 | age'],
  [
    'daemonsets',
    'NAME | DESIRED | CURRENT | READY | UP-TO-DATE | AVAILABLE | NODE SELECTOR | AGE | CONTAINERS | IMAGES | SELECTOR',
    'sample | 0 | 0 | 0 | 0 | 0 | kubernetes.io/os=linux | age | main | kubelab/demo:v1 | app=sample',
  ],
  ['statefulsets', 'NAME | READY | AGE | CONTAINERS | IMAGES', 'sample | 0/2 | age | main | kubelab/demo:v1'],
  [
    'cronjobs',
    'NAME | SCHEDULE | TIMEZONE | SUSPEND | ACTIVE | LAST SCHEDULE | AGE | CONTAINERS | IMAGES | SELECTOR',
    'sample | */5 8-18 * * mon-fri | Europe/Berlin | False | 0 | <none> | age | main | kubelab/busybox:1 | <none>',
  ],
  [
    'horizontalpodautoscalers',
    'NAME | REFERENCE | TARGETS | MINPODS | MAXPODS | REPLICAS | AGE',
    'sample | Deployment/sample | cpu: <unknown>/60%, <unknown>/1k | 2 | 5 | 0 | age',
  ],
  [
    'horizontalpodautoscalers.v1.autoscaling',
    'NAME | REFERENCE | TARGETS | MINPODS | MAXPODS | REPLICAS | AGE',
    'sample | Deployment/sample | <unknown>/1k, cpu: <unknown>/60% | 2 | 5 | 0 | age',
  ],
  [
    'replicationcontrollers',
    'NAME | DESIRED | CURRENT | READY | AGE | CONTAINERS | IMAGES | SELECTOR',
    'sample | 2 | 0 | 0 | age | main | kubelab/demo:v1 | app=sample',
  ],
  ['podtemplates', 'NAME | CONTAINERS | IMAGES | POD LABELS', 'sample | main | kubelab/demo:v1 | app=sample'],
  ['limitranges', 'NAME | CREATED AT', 'sample | time'],
  [
    'persistentvolumes',
    'NAME | CAPACITY | ACCESS MODES | RECLAIM POLICY | STATUS | CLAIM | STORAGECLASS | VOLUMEATTRIBUTESCLASS | REASON | AGE | VOLUMEMODE',
    'sample | 1Gi | RWO,ROX | Retain | Pending | manual | <unset> | age | Filesystem',
  ],
  [
    'persistentvolumeclaims',
    'NAME | STATUS | VOLUME | CAPACITY | ACCESS MODES | STORAGECLASS | VOLUMEATTRIBUTESCLASS | AGE | VOLUMEMODE',
    'sample | Pending | manual | <unset> | age | Filesystem',
  ],
  ['customresourcedefinitions', 'NAME | CREATED AT', 'samples.example.com | time'],
  ['apiservices', 'NAME | SERVICE | AVAILABLE | AGE', 'v1.sample.example.com | Local | True | age'],
  ['mutatingwebhookconfigurations', 'NAME | WEBHOOKS | AGE', 'sample | 1 | age'],
  ['validatingwebhookconfigurations', 'NAME | WEBHOOKS | AGE', 'sample | 1 | age'],
  ['validatingadmissionpolicies', 'NAME | VALIDATIONS | PARAMKIND | AGE', 'sample | 1 | <unset> | age'],
  ['validatingadmissionpolicybindings', 'NAME | POLICYNAME | PARAMREF | AGE', 'sample | sample | <unset> | age'],
  ['mutatingadmissionpolicies', 'NAME | MUTATIONS | PARAMKIND | AGE', 'sample | 1 | <unset> | age'],
  ['mutatingadmissionpolicybindings', 'NAME | POLICYNAME | PARAMREF | AGE', 'sample | sample | <unset> | age'],
  [
    'prioritylevelconfigurations',
    'NAME | TYPE | NOMINALCONCURRENCYSHARES | QUEUES | HANDSIZE | QUEUELENGTHLIMIT | AGE',
    'sample | Limited | 5 | 16 | 4 | 10 | age',
  ],
  ['ingresses', 'NAME | CLASS | HOSTS | ADDRESS | PORTS | AGE', 'sample | sample | sample.example.com | 80, 443 | age'],
  ['ingressclasses', 'NAME | CONTROLLER | PARAMETERS | AGE', 'sample | example.com/sample | <none> | age'],
  ['networkpolicies', 'NAME | POD-SELECTOR | AGE', 'sample | app=sample | age'],
  ['ipaddresses', 'NAME | PARENTREF | AGE', '192.0.2.1 | services/default/sample | age'],
  ['servicecidrs', 'NAME | CIDRS | AGE', 'sample | 192.0.2.0/24 | age'],
  ['runtimeclasses', 'NAME | HANDLER | AGE', 'sample | sample | age'],
  [
    'storageclasses',
    'NAME | PROVISIONER | RECLAIMPOLICY | VOLUMEBINDINGMODE | ALLOWVOLUMEEXPANSION | AGE',
    'sample | example.com/sample | Delete | Immediate | false | age',
  ],
  [
    'volumeattachments',
    'NAME | ATTACHER | PV | NODE | ATTACHED | AGE',
    'sample | csi.example.com | sample | sample | false | age',
  ],
  [
    'csidrivers',
    'NAME | ATTACHREQUIRED | PODINFOONMOUNT | STORAGECAPACITY | TOKENREQUESTS | REQUIRESREPUBLISH | MODES | AGE',
    'sample | true | false | false | sample | false | Persistent | age',
  ],
  ['csinodes', 'NAME | DRIVERS | AGE', 'sample | 1 | age'],
  ['csistoragecapacities', 'NAME | STORAGECLASSNAME | CAPACITY', 'sample | sample | 10Gi'],
  ['volumeattributesclasses', 'NAME | DRIVERNAME | AGE', 'sample | csi.example.com | age'],
])('lists %s as upstream prints them', async (plural, heading, line) => {
  const [first, second] = await listed(plural, '-o', 'wide');
  // Whether a flow schema leads somewhere is told a moment after it was made.
  const settled = second?.replace(/\d{4}-\S+Z/, 'time').replace(/\| \?$/, '| False');
  expect([first, settled]).toEqual([heading, line]);
});

it('lists a Job with its generated selector', async () => {
  const uid = (await kubectl(['get', 'job', 'sample', '-o=jsonpath={.metadata.uid}'])).stdout;
  expect(await listed('jobs', '-o', 'wide')).toEqual([
    'NAME | STATUS | COMPLETIONS | DURATION | AGE | CONTAINERS | IMAGES | SELECTOR',
    `sample | Running | 0/3 | age | main | kubelab/busybox:1 | batch.kubernetes.io/controller-uid=${uid}`,
  ]);
});

it('lists a quota by what is used of what is allowed', async () => {
  const status = { hard: { pods: '10', 'limits.memory': '8Gi' }, used: { pods: '3', 'limits.memory': '1Gi' } };
  const path = '/api/v1/namespaces/default/resourcequotas/sample/status';
  const headers = { 'content-type': 'application/merge-patch+json' };
  expect((await server.rest('PATCH', path, { body: { status }, headers })).code).toBe(200);
  expect(await listed('quota')).toEqual([
    'NAME | REQUEST | LIMIT | AGE',
    'sample | pods: 3/10 | limits.memory: 1Gi/8Gi | age',
  ]);
});

it('lists a flow schema with its level, once that is found', async () => {
  const line = 'sample | sample | 9000 | ByUser | age | False';
  await until('the level of the flow schema', async () => (await listed('flowschemas'))[1] === line);
  expect((await listed('flowschemas'))[0]).toBe(
    'NAME | PRIORITYLEVEL | MATCHINGPRECEDENCE | DISTINGUISHERMETHOD | AGE | MISSINGPL',
  );
});

it('lists what extends the API by its category', async () => {
  const { stdout } = await kubectl(['get', 'api-extensions', '-o', 'name']);
  const lines = stdout.split('\n').filter((line) => sampleNames.has(line.split('/')[1]!));
  expect(lines.map((line) => line.split('.')[0])).toEqual([
    'apiservice',
    'mutatingadmissionpolicy',
    'mutatingadmissionpolicybinding',
    'mutatingwebhookconfiguration',
    'validatingadmissionpolicy',
    'validatingadmissionpolicybinding',
    'validatingwebhookconfiguration',
    'customresourcedefinition',
  ]);
});

it.each([
  ['crd', 'customresourcedefinitions'],
  ['ing', 'ingresses'],
  ['netpol', 'networkpolicies'],
  ['ip', 'ipaddresses'],
  ['sc', 'storageclasses'],
  ['vac', 'volumeattributesclasses'],
])('calls %s what is %s', async (short, plural) => {
  const names = async (resource: string): Promise<string> => (await kubectl(['get', resource, '-o', 'name'])).stdout;
  expect(await names(short)).toBe(await names(plural));
});

it('lists what belongs to the category all', async () => {
  const { stdout } = await kubectl(['get', 'all', '-o', 'name']);
  const expected = ['pod', 'replicationcontroller', 'service', 'daemonset.apps', 'deployment.apps', 'replicaset.apps'];
  expected.push('statefulset.apps', 'horizontalpodautoscaler.autoscaling', 'cronjob.batch', 'job.batch');
  const names = stdout.split('\n').filter((name) => name.endsWith('/sample'));
  expect(names).toEqual(expected.map((kind) => `${kind}/sample`));
});

it('describes and explains every kind', async () => {
  // The kubectl of older minors describes the last three by beta versions, which nobody serves by default.
  const others = ['events', 'ipaddresses', 'servicecidrs', 'volumeattributesclasses'];
  const plurals = kinds.map(({ names }) => names.plural).filter((plural) => !others.includes(plural));
  const { stdout } = await kubectl(['describe', plurals.join(',')]);
  const described = [...stdout.matchAll(/^Name: +(\S+)$/gm)].filter(([, name]) => sampleNames.has(name!));
  expect(described).toHaveLength(plurals.length);
  const explained = await Promise.all(kinds.map(({ names }) => kubectl(['explain', names.plural])));
  for (const [index, { kind }] of kinds.entries()) expect(explained[index]!.stdout).toMatch(`KIND:       ${kind}`);
});

it('tells the health of components, and that this is no way to ask for it', async () => {
  const { stdout, stderr } = await kubectl(['get', 'componentstatuses']);
  expect(stdout.split('\n').map((line) => line.trim().replaceAll(/ {2,}/g, ' | '))).toEqual([
    'NAME | STATUS | MESSAGE | ERROR',
    'controller-manager | Unhealthy | nobody ever led',
    'etcd-0 | Healthy | ok',
    'scheduler | Unhealthy | nobody ever led',
  ]);
  expect(stderr).toBe('Warning: v1 ComponentStatus is deprecated in v1.19+');
  expect((await server.rest('GET', '/api/v1/componentstatuses/etcd-0')).body).toEqual({
    kind: 'ComponentStatus',
    apiVersion: 'v1',
    metadata: { name: 'etcd-0' },
    conditions: [{ type: 'Healthy', status: 'True', message: 'ok' }],
  });
  expect((await server.rest('GET', '/api/v1/componentstatuses/none')).code).toBe(404);
  expect((await server.rest('POST', '/api/v1/componentstatuses', { body: { metadata: { name: 'a' } } })).code).toBe(
    405,
  );
});

it('scales a ReplicationController, whose selector is a map', async () => {
  const path = '/api/v1/namespaces/default/replicationcontrollers/sample/scale';
  expect((await server.rest('GET', path)).body).toMatchObject({
    spec: { replicas: 2 },
    status: { selector: 'app=sample' },
  });
  expect((await kubectl(['scale', 'rc', 'sample', '--replicas=4'])).stdout).toContain('scaled');
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
  const { body: table } = await server.rest('GET', path, { headers: { accept } });
  expect(table.columnDefinitions.map(({ name }: { name: string }) => name)).toEqual([
    'Name',
    'Desired',
    'Available',
    'Age',
  ]);
  expect(table.rows[0].cells.slice(0, 3)).toEqual(['sample', 4, 0]);
  expect((await server.rest('GET', path)).body).toMatchObject({ spec: { replicas: 4 } });
});

it('serves an autoscaler in two versions, one of which has annotations for what it lacks', async () => {
  const path = '/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers/sample';
  const before = (await server.rest('GET', path)).body;
  expect(before).toMatchObject({
    apiVersion: 'autoscaling/v1',
    metadata: { annotations: { 'autoscaling.alpha.kubernetes.io/metrics': expect.stringContaining('"requests"') } },
    spec: { targetCPUUtilizationPercentage: 60, minReplicas: 2 },
  });
  const spec = { ...before.spec, targetCPUUtilizationPercentage: 70 };
  expect((await server.rest('PUT', path, { body: { ...before, spec } })).code).toBe(200);
  const after = (await server.rest('GET', path.replace('/v1/', '/v2/'))).body;
  expect(after.metadata).not.toHaveProperty('annotations');
  expect(after.spec).toMatchObject({
    metrics: [
      { type: 'Pods', pods: { metric: { name: 'requests' }, target: { averageValue: '1k' } } },
      { type: 'Resource', resource: { name: 'cpu', target: { averageUtilization: 70 } } },
    ],
    behavior: { scaleDown: { stabilizationWindowSeconds: 60 } },
  });
});

it('leaves the pods of a deleted Job behind unless told, and says so', async () => {
  const { stderr } = await kubectl(['delete', '--raw', '/apis/batch/v1/namespaces/default/jobs/sample']);
  expect(stderr).toContain('Warning: child pods are preserved by default when jobs are deleted');
  const { body } = await server.rest('GET', '/apis/batch/v1/namespaces/default/jobs/sample');
  expect(body.metadata.finalizers).toEqual(['orphan']);
});

it('selects Jobs and ReplicationControllers by fields of their status', async () => {
  const names = async (path: string): Promise<string[]> =>
    (await server.rest('GET', path)).body.items.map((item: any) => item.metadata.name);
  expect(await names('/apis/batch/v1/jobs?fieldSelector=status.successful%3D0')).toEqual(['sample']);
  expect(await names('/api/v1/replicationcontrollers?fieldSelector=status.replicas%3D1')).toEqual([]);
  const refused = await server.rest('GET', '/api/v1/persistentvolumes?fieldSelector=spec.storageClassName%3Da');
  expect(refused).toMatchObject({ code: 400, body: { reason: 'BadRequest' } });
});

it('has the service range of the server as a ServiceCIDR that is ready', async () => {
  const ready = '-o=jsonpath={.spec.cidrs[0]} {.status.conditions[?(@.type=="Ready")].status}';
  expect((await kubectl(['get', 'servicecidr', 'kubernetes', ready])).stdout).toMatch(/^\d+\.\d+\.\d+\.\d+\/\d+ True$/);
});

it('tells all that is wrong with a custom resource definition, in paths of all its versions', async () => {
  const crd = loadFixture(resources.find(({ kind }) => kind === 'CustomResourceDefinition')!);
  crd.metadata.name = 'others.example.com';
  crd.spec.names = { plural: 'others', kind: 'Other' };
  crd.spec.versions[0].schema.openAPIV3Schema.properties.spec = {
    type: 'object',
    properties: { a: {}, b: { type: 'string', pattern: '(' } },
  };
  const create = () => server.kubectl(['create', '-f', '-'], { input: JSON.stringify(crd) });
  expect((await create()).stderr).toContain(
    'The CustomResourceDefinition "others.example.com" is invalid: spec.validation.openAPIV3Schema.properties[spec].properties[a].type: Required value: must not be empty for specified object fields',
  );
  delete crd.spec.versions[0].schema.openAPIV3Schema.properties.spec.properties.a;
  expect((await create()).stderr).toContain(
    'spec.validation.openAPIV3Schema.properties[spec].properties[b].pattern: Invalid value: "(": must be a valid regular expression, but isn\'t',
  );
});

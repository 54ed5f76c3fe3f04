/**
 * The flow of an operator, over plain HTTP as any client would: a custom resource of two versions with a conversion webhook,
 * admission webhooks, an aggregated API, all served by one program in a pod; and a control loop that owns what it makes.
 */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadKubeconfig } from '../../client/kubeconfig';
import { ensureAuthority, ensureLeaf } from '../../deploy/pki';
import { kubectlMinor } from '../support/kubectl-features';
import { operatorProgram } from '../support/operator-program';
import { useNamespace } from '../support/shared-cluster';
import { until } from '../support/until';

const ns = useNamespace('operator');
const group = 'operator.example.com';
const widgets = (version: string): string => `/apis/${group}/${version}/namespaces/operator/widgets`;
/** An old kubectl keeps the short names that it has once heard of for ten minutes. */
const shortNames = kubectlMinor() >= 23;
let folder = '';
let caBundle = '';
let connection: { origin: string; agent: https.Agent };

interface Answer {
  code: number;
  body: any;
  warning: string;
}

function http(method: string, path: string, body?: object, type = 'application/json'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = https.request(`${connection.origin}${path}`, {
      method,
      agent: connection.agent,
      headers: { ...(body && { 'content-type': type }) },
    });
    request.on('error', reject);
    request.on('response', (answer) => {
      let text = '';
      answer.on('data', (chunk: Buffer) => (text += String(chunk)));
      answer.on('end', () =>
        resolve({
          code: answer.statusCode ?? 0,
          body: text ? JSON.parse(text) : undefined,
          warning: answer.headers.warning?.toString() ?? '',
        }),
      );
    });
    request.end(body && JSON.stringify(body));
  });
}

/** Follows a collection by list and watch, and gives each event; ends with the signal. */
async function follow(path: string, signal: AbortSignal, onEvent: (type: string, object: any) => void): Promise<void> {
  const { body } = await http('GET', path);
  for (const item of body.items) onEvent('ADDED', item);
  await new Promise<void>((resolve) => {
    const watch = `${path}?watch=1&resourceVersion=${body.metadata.resourceVersion}`;
    const request = https.get(`${connection.origin}${watch}`, { agent: connection.agent, signal }, (answer) => {
      let rest = '';
      answer.on('data', (chunk: Buffer) => {
        const lines = (rest + String(chunk)).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          const { type, object } = JSON.parse(line) as { type: string; object: any };
          onEvent(type, object);
        }
      });
      answer.on('error', () => resolve());
      answer.on('end', () => resolve());
    });
    request.on('error', () => resolve());
  });
}

const service = (path?: string) => ({ namespace: 'operator', name: 'operator', port: 443, ...(path && { path }) });

const schema = (spec: object): object => ({
  openAPIV3Schema: {
    type: 'object',
    properties: {
      spec: { type: 'object', properties: spec },
      status: { type: 'object', properties: { configMap: { type: 'string' } } },
    },
  },
});

const definition = (): object => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `widgets.${group}` },
  spec: {
    group,
    scope: 'Namespaced',
    names: { plural: 'widgets', singular: 'widget', kind: 'Widget', shortNames: ['wd'] },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: schema({ size: { type: 'string' } }),
        subresources: { status: {} },
      },
      {
        name: 'v2',
        served: true,
        storage: false,
        schema: schema({ replicas: { type: 'integer', minimum: 0 } }),
        subresources: { status: {} },
        additionalPrinterColumns: [{ name: 'Replicas', type: 'integer', jsonPath: '.spec.replicas' }],
      },
    ],
    conversion: {
      strategy: 'Webhook',
      webhook: { conversionReviewVersions: ['v1'], clientConfig: { service: service('/convert'), caBundle } },
    },
  },
});

const webhook = (kind: string, name: string, path: string): object => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind,
  metadata: { name },
  webhooks: [
    {
      name: `${name}.${group}`,
      admissionReviewVersions: ['v1'],
      sideEffects: 'None',
      matchPolicy: 'Equivalent',
      clientConfig: { service: service(path), caBundle },
      rules: [{ apiGroups: [group], apiVersions: ['v2'], resources: ['widgets'], operations: ['CREATE', 'UPDATE'] }],
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'operator' } },
    },
  ],
});

const clusterWide = [
  '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/operator-mutates',
  '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/operator-validates',
  '/apis/apiregistration.k8s.io/v1/apiservices/v1.reports.example.com',
  `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.${group}`,
];

beforeAll(async () => {
  const config = await loadKubeconfig(ns.cluster.kubeconfig);
  const { ca, clientCert: cert, clientKey: key } = config;
  connection = { origin: config.server, agent: new https.Agent({ keepAlive: true, ca, cert, key }) };
  folder = await mkdtemp(join(tmpdir(), 'kubelab-operator-'));
  const authority = await ensureAuthority(folder, 'ca', 'operator-ca');
  const files = await ensureLeaf(authority, folder, 'operator', {
    commonName: 'operator',
    hosts: ['operator.operator.svc'],
    usages: ['server'],
  });
  caBundle = Buffer.from(authority.pem).toString('base64');
  const trust = await http('GET', '/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication');
  const labels = { app: 'operator' };
  await ns.apply({
    apiVersion: 'v1',
    kind: 'List',
    items: [
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'program' }, data: { 'main.js': operatorProgram } },
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'tls' },
        stringData: {
          'tls.crt': readFileSync(files.cert, 'utf8'),
          'tls.key': readFileSync(files.key, 'utf8'),
          'front-proxy-ca.crt': trust.body.data['requestheader-client-ca-file'],
        },
      },
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'operator', labels },
        spec: {
          containers: [
            {
              name: 'main',
              image: 'kubelab/node:1',
              args: ['/program/main.js'],
              readinessProbe: { httpGet: { path: '/healthz', port: 8443, scheme: 'HTTPS' }, periodSeconds: 1 },
              volumeMounts: [
                { name: 'program', mountPath: '/program' },
                { name: 'tls', mountPath: '/etc/operator' },
              ],
            },
          ],
          volumes: [
            { name: 'program', configMap: { name: 'program' } },
            { name: 'tls', secret: { secretName: 'tls' } },
          ],
        },
      },
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'operator' },
        spec: { selector: labels, ports: [{ port: 443, targetPort: 8443 }] },
      },
    ],
  });
  await ns.kubectl('wait', '--for=condition=Ready', 'pod/operator', '--timeout=60s');
}, 120_000);

afterAll(async () => {
  for (const path of clusterWide) await http('DELETE', path);
  connection.agent.destroy();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

it('serves a custom resource in two versions, converted by the pod', async () => {
  const created = await http('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition());
  expect([created.code, created.body.message]).toEqual([201, undefined]);
  await ns.kubectl('wait', '--for=condition=Established', `crd/widgets.${group}`, '--timeout=30s');
  const body = { apiVersion: `${group}/v1`, kind: 'Widget', metadata: { name: 'first' }, spec: { size: 'xx' } };
  await until('the first widget', async () => (await http('POST', widgets('v1'), body)).code === 201);
  expect((await http('GET', `${widgets('v2')}/first`)).body).toMatchObject({
    apiVersion: `${group}/v2`,
    spec: { replicas: 2 },
  });
  const patch = { spec: { replicas: 3 } };
  await http('PATCH', `${widgets('v2')}/first`, patch, 'application/merge-patch+json');
  expect((await http('GET', `${widgets('v1')}/first`)).body.spec).toEqual({ size: 'xxx' });
  expect(await ns.kubectl('get', shortNames ? 'wd' : 'widgets', '--no-headers')).toMatch(/^first\s+3\s/);
});

it('asks the pod before it admits', async () => {
  const mutating = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
  const validating = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
  const first = webhook('MutatingWebhookConfiguration', 'operator-mutates', '/mutate');
  const second = webhook('ValidatingWebhookConfiguration', 'operator-validates', '/validate');
  expect((await http('POST', mutating, first)).code).toBe(201);
  expect((await http('POST', validating, second)).code).toBe(201);
  const widget = (name: string, replicas: number): object => ({ metadata: { name }, spec: { replicas } });
  const dryRun = `${widgets('v2')}?dryRun=All`;
  await until('both webhooks', async () => {
    const { body, warning } = await http('POST', dryRun, widget('probe', 5));
    return body.metadata.labels?.operated === 'yes' && warning.includes('5 replicas are the most');
  });
  const refused = await http('POST', widgets('v2'), widget('large', 6));
  expect(refused).toMatchObject({
    code: 422,
    body: {
      message: `admission webhook "operator-validates.${group}" denied the request: at most 5 replicas, not 6`,
    },
  });
  // Written as v1, asked about as v2: the rules name only that.
  const old = await http('POST', widgets('v1'), { metadata: { name: 'large' }, spec: { size: 'xxxxxxx' } });
  expect([old.code, old.body.message]).toEqual([
    422,
    `admission webhook "operator-validates.${group}" denied the request: at most 5 replicas, not 7`,
  ]);
  const admitted = await http('POST', widgets('v2'), widget('second', 1));
  expect(admitted).toMatchObject({ code: 201, body: { metadata: { labels: { operated: 'yes' } } } });
});

it('passes requests for another API on to the pod, as the user who asked', async () => {
  const created = await http('POST', '/apis/apiregistration.k8s.io/v1/apiservices', {
    metadata: { name: 'v1.reports.example.com' },
    spec: {
      group: 'reports.example.com',
      version: 'v1',
      groupPriorityMinimum: 1000,
      versionPriority: 15,
      service: service(),
      caBundle,
    },
  });
  expect(created.code).toBe(201);
  await ns.kubectl('wait', '--for=condition=Available', 'apiservice/v1.reports.example.com', '--timeout=30s');
  const reports = await http('GET', '/apis/reports.example.com/v1/namespaces/operator/reports');
  expect(reports.body.items).toEqual([{ metadata: { name: 'only', namespace: 'operator' }, user: 'kubernetes-admin' }]);
  await until('kubectl to find it', async () => (await ns.kubectl('api-resources')).includes('reports.example.com/v1'));
  expect(await ns.kubectl('get', shortNames ? 'rp' : 'reports', '-o', 'jsonpath={.items[*].metadata.name}')).toBe(
    'only',
  );
});

it('lets a control loop own what it makes, and clean up by a finalizer', async () => {
  const stop = new AbortController();
  const finalizer = `${group}/cleanup`;
  const deleted: string[] = [];
  const configMaps = '/api/v1/namespaces/operator/configmaps';
  const write = (method: string, path: string, body: object): Promise<Answer> =>
    http(method, path, body, method === 'PATCH' ? 'application/merge-patch+json' : 'application/json');

  /** As an operator would: level-triggered, from the object as it is now. */
  async function reconcile(name: string): Promise<void> {
    const { code, body: widget } = await http('GET', `${widgets('v2')}/${name}`);
    if (code !== 200) return;
    const { metadata, spec, status } = widget;
    const path = `${widgets('v2')}/${name}`;
    if (metadata.deletionTimestamp) {
      if (metadata.finalizers?.includes(finalizer)) {
        deleted.push(name);
        await write('PATCH', path, { metadata: { finalizers: null, resourceVersion: metadata.resourceVersion } });
      }
      return;
    }
    if (!metadata.finalizers?.includes(finalizer)) {
      await write('PATCH', path, { metadata: { finalizers: [finalizer], resourceVersion: metadata.resourceVersion } });
      return;
    }
    const owner = { apiVersion: `${group}/v2`, kind: 'Widget', name, uid: metadata.uid, controller: true };
    const configMap = {
      metadata: { name: `widget-${name}`, ownerReferences: [{ ...owner, blockOwnerDeletion: true }] },
      data: { replicas: String(spec.replicas) },
    };
    const made = await write('POST', configMaps, configMap);
    if (made.code === 409) await write('PATCH', `${configMaps}/widget-${name}`, { data: configMap.data });
    if (status?.configMap !== `widget-${name}`) {
      await write('PUT', `${path}/status`, { ...widget, status: { configMap: `widget-${name}` } });
    }
  }

  const following = follow(widgets('v2'), stop.signal, (type, { metadata }) => {
    if (type !== 'DELETED' && type !== 'BOOKMARK') void reconcile(metadata.name);
  });
  try {
    await http('POST', widgets('v2'), { metadata: { name: 'owned' }, spec: { replicas: 2 } });
    const settled = async (replicas: string): Promise<boolean> => {
      const [widget, made] = await Promise.all([
        http('GET', `${widgets('v2')}/owned`),
        http('GET', `${configMaps}/widget-owned`),
      ]);
      return widget.body.status?.configMap === 'widget-owned' && made.body.data?.replicas === replicas;
    };
    await until('the status and the ConfigMap', () => settled('2'));
    const scaled = await write('PATCH', `${widgets('v2')}/owned`, {
      spec: { replicas: 4 },
      status: { configMap: 'mine' },
    });
    expect(scaled.body.status).toEqual({ configMap: 'widget-owned' });
    await until('the new number', () => settled('4'));

    await http('DELETE', `${widgets('v2')}/owned`);
    await until('the widget to go', async () => (await http('GET', `${widgets('v2')}/owned`)).code === 404);
    expect(deleted).toContain('owned');
    await until('the garbage to go', async () => (await http('GET', `${configMaps}/widget-owned`)).code === 404);
  } finally {
    stop.abort();
    await following;
  }
});

it('is gone with its definition', async () => {
  for (const path of clusterWide.slice(0, 2)) await http('DELETE', path);
  // What the loop left its finalizer on is nobody's any more.
  for (const { metadata } of (await http('GET', widgets('v2'))).body.items) {
    const path = `${widgets('v2')}/${metadata.name}`;
    await http('PATCH', path, { metadata: { finalizers: null } }, 'application/merge-patch+json');
  }
  await ns.kubectl('delete', 'crd', `widgets.${group}`, '--timeout=30s');
  await until('no such resource', async () => (await http('GET', widgets('v2'))).code === 404);
});

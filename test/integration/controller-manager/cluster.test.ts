/** Namespaces, nodes, services and certificates over a real API server. */
import 'reflect-metadata';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as x509 from '@peculiar/x509';
import { deployments } from '../../../api/apps/v1/deployment';
import {
  type CertificateSigningRequest,
  certificateSigningRequests,
} from '../../../api/certificates/v1/certificatesigningrequest';
import { type ConfigMap, configMaps } from '../../../api/core/v1/configmap';
import { endpoints } from '../../../api/core/v1/endpoints';
import { events } from '../../../api/core/v1/event';
import { namespaces } from '../../../api/core/v1/namespace';
import { nodes } from '../../../api/core/v1/node';
import { type Pod, pods } from '../../../api/core/v1/pod';
import { resourceQuotas } from '../../../api/core/v1/resourcequota';
import { secrets } from '../../../api/core/v1/secret';
import { serviceAccounts } from '../../../api/core/v1/serviceaccount';
import { type Service, services } from '../../../api/core/v1/service';
import { endpointSlices } from '../../../api/discovery/v1/endpointslice';
import { isNotFound } from '../../../api/meta/status-error';
import { serviceCidrs } from '../../../api/networking/v1/servicecidr';
import { clusterRoleBindings } from '../../../api/rbac/v1';
import { ensureAuthority } from '../../../deploy/pki';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadKubeconfig } from '../../../client/kubeconfig';
import { createRestClient } from '../../../client/rest-client';
import { type HollowNode, startHollowNode } from '../../support/hollow-node';
import { startTestControlPlane, type TestControlPlane } from '../../support/controllers';
import { until } from '../../support/until';

const soon = { everyMs: 20 };
const namespace = 'default';
let plane: TestControlPlane;
let folder: string;
const hollow: HollowNode[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kubelab-controllers-'));
  const ca = await ensureAuthority(folder, 'ca', 'kubernetes');
  const signer = { certificate: ca.pem, key: readFileSync(ca.files.key, 'utf8') };
  // Longer than this process ever stands still, or all nodes would seem silent.
  plane = await startTestControlPlane({ signer, nodeMonitorGracePeriodMs: 5_000 });
  hollow.push(await startHollowNode({ client: plane.client, name: 'n1' }));
});

afterAll(async () => {
  for (const node of hollow) node.stop();
  await plane?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const isGone = async (look: Promise<unknown>): Promise<boolean> =>
  look.then(
    () => false,
    (error: unknown) => {
      if (isNotFound(error)) return true;
      throw error;
    },
  );

describe('a Secret for a service account', () => {
  const accountName = 'builder';
  const create = (name: string) =>
    plane.client.create(secrets, {
      metadata: { name, namespace, annotations: { 'kubernetes.io/service-account.name': accountName } },
      type: 'kubernetes.io/service-account-token',
    });
  const tokenOf = (name: string): Promise<string> =>
    until(
      'a token',
      async () => {
        const { data } = await plane.client.get(secrets, name, namespace);
        return data?.['token'] ? Buffer.from(data['token'], 'base64').toString() : undefined;
      },
      soon,
    );
  const whoIs = async (token: string) => {
    const headers = { authorization: `Bearer ${token}` };
    return plane.server.rest('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {
      identity: null,
      headers,
      body: {},
    });
  };

  it('is filled with a token that lasts as long as both', async () => {
    const account = await plane.client.create(serviceAccounts, { metadata: { name: accountName, namespace } });
    await create('builder-token');
    const token = await tokenOf('builder-token');
    const secret = await plane.client.get(secrets, 'builder-token', namespace);
    expect(secret.metadata.annotations?.['kubernetes.io/service-account.uid']).toBe(account.metadata.uid);
    expect(Buffer.from(secret.data?.['ca.crt'] ?? '', 'base64').toString()).toBe('the root CA');
    expect(Buffer.from(secret.data?.['namespace'] ?? '', 'base64').toString()).toBe(namespace);
    const { code, text, body } = await whoIs(token);
    expect([code, text]).toEqual([201, expect.stringContaining('userInfo')]);
    expect(body.status.userInfo).toEqual({
      username: `system:serviceaccount:${namespace}:${accountName}`,
      uid: account.metadata.uid,
      groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
    });
    const used = await until(
      'the day of its last use',
      async () => (await plane.client.get(secrets, 'builder-token', namespace)).metadata.labels,
      soon,
    );
    expect(used['kubernetes.io/legacy-token-last-used']).toMatch(/^\d{4}-\d\d-\d\d$/);

    await create('another-token');
    const other = await tokenOf('another-token');
    await plane.client.delete(secrets, 'another-token', namespace);
    await until('a refusal', async () => (await whoIs(other)).code === 401, soon);
    expect((await whoIs(token)).code).toBe(201);

    await plane.client.delete(serviceAccounts, accountName, namespace);
    await until('no Secret', () => isGone(plane.client.get(secrets, 'builder-token', namespace)), soon);
    expect((await whoIs(token)).code).toBe(401);
  });
});

describe('a namespace', () => {
  it('gets its account and the CA, and both again when they are deleted', async () => {
    await plane.client.create(namespaces, { metadata: { name: 'fresh' } });
    const both = async (): Promise<boolean> => {
      await plane.client.get(serviceAccounts, 'default', 'fresh');
      return (await plane.client.get(configMaps, 'kube-root-ca.crt', 'fresh')).data?.['ca.crt'] === 'the root CA';
    };
    await until('account and CA', both, soon);
    await plane.client.delete(serviceAccounts, 'default', 'fresh');
    await plane.client.update<ConfigMap>(configMaps, {
      metadata: { name: 'kube-root-ca.crt', namespace: 'fresh' },
      data: { 'ca.crt': 'x' },
    });
    expect(await until('account and CA again', both, soon)).toBe(true);
  });

  it('is emptied and goes, pods before what they use', async () => {
    await plane.client.create(namespaces, { metadata: { name: 'going' } });
    await until('account', async () => plane.client.get(serviceAccounts, 'default', 'going'), soon);
    await plane.client.create(configMaps, { metadata: { name: 'used', namespace: 'going' }, data: { a: 'b' } });
    await plane.client.create<Pod>(pods, {
      metadata: { name: 'held', namespace: 'going', finalizers: ['example.com/hold'] },
      spec: { containers: [{ name: 'a', image: 'a:1' }] },
    });
    await plane.client.delete(namespaces, 'going');
    const waiting = await until(
      'waits for the pod',
      async () => {
        const found = await plane.client.get(namespaces, 'going');
        return (
          found.status?.conditions?.some(
            ({ type, status }) => type === 'NamespaceFinalizersRemaining' && status === 'True',
          ) && found
        );
      },
      soon,
    );
    expect(waiting.status?.phase).toBe('Terminating');
    expect(waiting.status?.conditions?.find(({ type }) => type === 'NamespaceContentRemaining')?.message).toBe(
      'Some resources are remaining: pods. has 1 resource instances',
    );
    expect((await plane.client.get(configMaps, 'used', 'going')).data).toEqual({ a: 'b' });
    await plane.client.patch(pods, 'held', 'going', { metadata: { finalizers: null } });
    await until('namespace is gone', async () => isGone(plane.client.get(namespaces, 'going')), soon);
  });
});

describe('a service', () => {
  const web = (name: string, spec: Service['spec'] = {}): Service => ({
    metadata: { name, namespace },
    spec: { selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort: 'http' }], ...spec },
  });
  const slicesOf = async (name: string) =>
    (await plane.client.list(endpointSlices, { namespace, labelSelector: `kubernetes.io/service-name=${name}` })).items;

  it('has an empty slice at first, then endpoints that follow readiness within a second', async () => {
    await plane.client.create(services, web('svc'));
    await until('placeholder', async () => (await slicesOf('svc')).length === 1, soon);
    await plane.client.create(deployments, {
      metadata: { name: 'svc', namespace },
      spec: {
        replicas: 3,
        selector: { matchLabels: { app: 'svc' } },
        template: {
          metadata: { labels: { app: 'svc' } },
          spec: { containers: [{ name: 'web', image: 'web:1', ports: [{ name: 'http', containerPort: 8080 }] }] },
        },
      },
    });
    const [slice] = await until(
      'three endpoints',
      async () => {
        const found = await slicesOf('svc');
        return found[0]?.endpoints?.filter(({ conditions }) => conditions?.ready).length === 3 && found;
      },
      soon,
    );
    expect(await slicesOf('svc')).toHaveLength(1);
    expect(slice?.ports).toEqual([{ name: 'http', port: 8080, protocol: 'TCP' }]);
    expect(slice?.metadata.labels?.['endpointslice.kubernetes.io/managed-by']).toBe('endpointslice-controller.k8s.io');
    expect(slice?.metadata.ownerReferences?.[0]).toMatchObject({ kind: 'Service', name: 'svc', controller: true });
    await until(
      'endpoints',
      async () => (await plane.client.get(endpoints, 'svc', namespace)).subsets?.[0]?.addresses?.length === 3,
      soon,
    );

    const { name: victim } = slice!.endpoints![0]!.targetRef!;
    const unready = { status: { conditions: [{ type: 'Ready', status: 'False' }] } };
    await plane.client.patch(pods, victim!, namespace, unready, { type: 'strategic', subresource: 'status' });
    await until(
      'unready endpoint',
      async () =>
        (await slicesOf('svc'))[0]?.endpoints?.some(
          ({ targetRef, conditions }) => targetRef?.name === victim && !conditions?.ready,
        ),
      { everyMs: 5 },
    );
  });

  it('takes its endpoints along when it goes', async () => {
    await plane.client.create(services, web('brief'));
    await until('slice', async () => (await slicesOf('brief')).length === 1, soon);
    await plane.client.delete(services, 'brief', namespace);
    const gone = async (): Promise<boolean> =>
      !(await slicesOf('brief')).length && isGone(plane.client.get(endpoints, 'brief', namespace));
    expect(await until('gone', gone, soon)).toBe(true);
  });

  it.each([
    ['without a selector', 'own', {}],
    ['with an empty selector', 'hollow', { selector: {} }],
  ])('%s has slices that mirror the endpoints somebody keeps for it', async (_which, name, selector) => {
    const { selector: _none, ...spec } = web(name).spec!;
    await plane.client.create(services, { metadata: { name, namespace }, spec: { ...spec, ...selector } });
    const subsets = (ip: string, port: number) => [{ addresses: [{ ip }], ports: [{ name: 'http', port }] }];
    await plane.client.create(endpoints, { metadata: { name, namespace }, subsets: subsets('10.1.2.3', 80) });
    const mirrors = (ip: string, port: number) =>
      until(
        `a slice of ${ip}`,
        async () => {
          const found = await slicesOf(name);
          return found[0]?.endpoints?.[0]?.addresses[0] === ip && found[0].ports?.[0]?.port === port && found;
        },
        soon,
      );
    const [first] = await mirrors('10.1.2.3', 80);
    await plane.client.patch(endpoints, name, namespace, { subsets: subsets('10.2.3.4', 8080) }, { type: 'merge' });
    const changed = await mirrors('10.2.3.4', 8080);
    expect(changed.map(({ metadata }) => metadata.uid)).toEqual([first!.metadata.uid]);
    await plane.client.delete(endpoints, name, namespace);
    expect(await until('no slice', async () => (await slicesOf(name)).length === 0, soon)).toBe(true);
  });

  it('whose endpoints are refused says so, and gets them once they are allowed', async () => {
    await plane.client.create(namespaces, { metadata: { name: 'tight' } });
    await plane.client.create(resourceQuotas, {
      metadata: { name: 'none', namespace: 'tight' },
      spec: { hard: { 'count/endpoints': '0' } },
    });
    const counted = async () => (await plane.client.get(resourceQuotas, 'none', 'tight')).status?.hard;
    await until('the quota is counted', counted, soon);
    await plane.client.create(services, { ...web('late'), metadata: { name: 'late', namespace: 'tight' } });
    const refused = async () =>
      (await plane.client.list(events, { namespace: 'tight' })).items.some(
        ({ reason, involvedObject }) => reason === 'FailedToCreateEndpoint' && involvedObject.name === 'late',
      );
    await until('the refusal is told', refused, soon);
    await plane.client.delete(resourceQuotas, 'none', 'tight');
    await until('endpoints', async () => !(await isGone(plane.client.get(endpoints, 'late', 'tight'))), soon);
  });
});

it('keeps a ServiceCIDR that is being deleted while a service has an address of it', async () => {
  const ready = async () => {
    const found = await plane.client.get(serviceCidrs, 'more', '');
    return found.status?.conditions?.find(({ type }) => type === 'Ready');
  };
  await plane.client.create(serviceCidrs, { metadata: { name: 'more' }, spec: { cidrs: ['10.150.0.0/24'] } });
  await until('ready', async () => (await ready())?.status === 'True', soon);
  const ports = [{ port: 80 }];
  await plane.client.create(services, {
    metadata: { name: 'far', namespace },
    spec: { clusterIP: '10.150.0.9', ports },
  });
  await plane.client.delete(serviceCidrs, 'more', '');
  const refused = await until('not ready', async () => (await ready())?.status === 'False' && ready(), soon);
  expect(refused?.reason).toBe('Terminating');
  // With a wider range around it, it may go.
  await plane.client.create(serviceCidrs, { metadata: { name: 'wide' }, spec: { cidrs: ['10.150.0.0/16'] } });
  const gone = () => isGone(plane.client.get(serviceCidrs, 'more', ''));
  expect(await until('gone', gone, soon)).toBe(true);
});

describe('a node', () => {
  it('gets a pod CIDR of its own', async () => {
    hollow.push(await startHollowNode({ client: plane.client, name: 'n2', schedules: false }));
    const cidrs = await until(
      'CIDRs',
      async () => {
        const { items } = await plane.client.list(nodes);
        const all = items.map(({ spec }) => spec?.podCIDR);
        return all.length >= 2 && all.every(Boolean) && all;
      },
      soon,
    );
    expect(new Set(cidrs).size).toBe(cidrs.length);
  });

  it('is tainted and emptied when it falls silent, and recovers', async () => {
    const silent = await startHollowNode({ client: plane.client, name: 'n3', schedules: false });
    await plane.client.create<Pod>(pods, {
      metadata: { name: 'on-n3', namespace },
      spec: {
        nodeName: 'n3',
        containers: [{ name: 'a', image: 'a:1' }],
        tolerations: [
          { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 1 },
        ],
      },
    });
    await until('ready', async () => (await plane.client.get(pods, 'on-n3', namespace)).status?.podIP, soon);
    silent.stop();
    const unknown = await until(
      'unknown',
      async () => {
        const found = await plane.client.get(nodes, 'n3');
        return (found.spec?.taints ?? []).some(({ effect }) => effect === 'NoExecute') && found;
      },
      soon,
    );
    expect(unknown.status?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({
      status: 'Unknown',
      reason: 'NodeStatusUnknown',
      message: 'Kubelet stopped posting node status.',
    });
    const evicted = await until(
      'evicted',
      async () => {
        const found = await plane.client.get(pods, 'on-n3', namespace);
        return found.metadata.deletionTimestamp !== undefined && found;
      },
      soon,
    );
    expect(evicted.status?.conditions?.find(({ type }) => type === 'Ready')?.status).toBe('False');
    expect(evicted.status?.conditions?.find(({ type }) => type === 'DisruptionTarget')).toMatchObject({
      status: 'True',
      reason: 'DeletionByTaintManager',
    });
    hollow.push(await startHollowNode({ client: plane.client, name: 'n3', schedules: false }));
    await until('no taints', async () => !(await plane.client.get(nodes, 'n3')).spec?.taints?.length, soon);
  });
});

describe('a certificate request', () => {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const ask = async (
    as: { user: string; groups: string[] },
    subject: string,
    signer: string,
    usages: string[],
    names: x509.JsonGeneralNames = [],
  ): Promise<string> => {
    const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
    const extensions = names.length ? [new x509.SubjectAlternativeNameExtension(names)] : [];
    const csr = await x509.Pkcs10CertificateRequestGenerator.create({
      name: subject,
      keys,
      signingAlgorithm: algorithm,
      extensions,
    });
    const { kubeconfig } = await plane.server.identity(as.user, as.groups);
    const client = createRestClient(await loadKubeconfig(kubeconfig), { userAgent: 'test' });
    const created = await client.create<CertificateSigningRequest>(certificateSigningRequests, {
      metadata: { generateName: 'csr-' },
      spec: {
        request: Buffer.from(csr.toString('pem')).toString('base64'),
        signerName: `kubernetes.io/${signer}`,
        usages,
      },
    });
    await client.close();
    return created.metadata.name;
  };
  const issued = async (name: string): Promise<X509Certificate> => {
    const certificate = await until(
      'certificate',
      async () => (await plane.client.get(certificateSigningRequests, name)).status?.certificate,
      soon,
    );
    return new X509Certificate(Buffer.from(certificate, 'base64'));
  };
  const n1 = { user: 'system:node:n1', groups: ['system:nodes'] };

  it('of a node for its own client certificate is approved and signed', async () => {
    const name = await ask(n1, 'O=system:nodes, CN=system:node:n1', 'kube-apiserver-client-kubelet', [
      'digital signature',
      'client auth',
    ]);
    const certificate = await issued(name);
    expect(certificate.subject).toBe('O=system:nodes\nCN=system:node:n1');
    const [approved] = (await plane.client.get(certificateSigningRequests, name)).status?.conditions ?? [];
    expect(approved).toMatchObject({
      type: 'Approved',
      reason: 'AutoApproved',
      message: 'Auto approving self kubelet client certificate after SubjectAccessReview.',
    });
  });

  it('is approved once whoever made it is allowed to', async () => {
    const name = await ask(n1, 'O=system:nodes, CN=system:node:n9', 'kube-apiserver-client-kubelet', [
      'digital signature',
      'client auth',
    ]);
    const apiGroup = 'rbac.authorization.k8s.io';
    await plane.client.create(clusterRoleBindings, {
      metadata: { name: 'n1-asks-for-others' },
      roleRef: {
        apiGroup,
        kind: 'ClusterRole',
        name: 'system:certificates.k8s.io:certificatesigningrequests:nodeclient',
      },
      subjects: [{ apiGroup, kind: 'User', name: n1.user }],
    });
    expect((await issued(name)).subject).toBe('O=system:nodes\nCN=system:node:n9');
  });

  it('for serving is approved only for the addresses of the node', async () => {
    const usages = ['digital signature', 'server auth'];
    const subject = 'O=system:nodes, CN=system:node:n1';
    const good = await ask(n1, subject, 'kubelet-serving', usages, [{ type: 'ip', value: '10.250.0.1' }]);
    const bad = await ask(n1, subject, 'kubelet-serving', usages, [{ type: 'ip', value: '10.97.0.1' }]);
    expect((await issued(good)).subjectAltName).toBe('IP Address:10.250.0.1');
    expect((await plane.client.get(certificateSigningRequests, bad)).status?.conditions).toBeUndefined();
  });
});

it('deletes bootstrap tokens when they expire', async () => {
  const expiration = Buffer.from(new Date(Date.now() + 1000).toISOString()).toString('base64');
  await plane.client.create(secrets, {
    metadata: { name: 'bootstrap-token-abcdef', namespace: 'kube-system' },
    type: 'bootstrap.kubernetes.io/token',
    data: { expiration },
  });
  const gone = async (): Promise<boolean> => isGone(plane.client.get(secrets, 'bootstrap-token-abcdef', 'kube-system'));
  expect(await until('deleted', gone, soon)).toBe(true);
});

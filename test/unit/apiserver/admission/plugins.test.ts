import { namespaces } from '../../../../api/core/v1/namespace';
import { nodes } from '../../../../api/core/v1/node';
import { pods } from '../../../../api/core/v1/pod';
import { serviceAccounts } from '../../../../api/core/v1/serviceaccount';
import { leases } from '../../../../api/coordination/v1/lease';
import { priorityClasses } from '../../../../api/scheduling/v1/priorityclass';
import type { ResourceDefinition } from '../../../../api/meta/resource-definition';
import { createAdmission } from '../../../../apiserver/admission/plugins';
import type { AdmissionAttributes } from '../../../../apiserver/admission/admission';
import { createAuthorizer } from '../../../../apiserver/authorization';
import { createResourceTable } from '../../../../apiserver/endpoints/served-resource';
import { createWebhookClient } from '../../../../apiserver/webhook-client';
import { createMetrics } from '../../../../component-base/metrics';
import { createTestLoopback } from '../../../support/loopback';

const admin = { name: 'admin', groups: ['system:masters'] };
const kubelet = { name: 'system:node:n1', groups: ['system:nodes'] };

function setUp() {
  const loopback = createTestLoopback({ now: () => 0, after: () => () => undefined, sleep: async () => undefined });
  const authorizer = createAuthorizer({ modes: ['AlwaysAllow'], loopback });
  const admission = createAdmission({
    loopback,
    authorizer,
    metrics: createMetrics({ process: false }),
    webhooks: createWebhookClient({ loopback }),
    table: createResourceTable([]),
  });
  loopback.put(namespaces, { metadata: { name: 'apps' }, status: { phase: 'Active' } });
  loopback.put(namespaces, { metadata: { name: 'leaving' }, status: { phase: 'Terminating' } });
  loopback.put(serviceAccounts, { metadata: { namespace: 'apps', name: 'default' } });
  const run = async (
    definition: ResourceDefinition,
    given: Partial<AdmissionAttributes>,
    user = admin,
  ): Promise<any> => {
    const attributes: AdmissionAttributes = {
      operation: 'CREATE',
      definition,
      subresource: '',
      namespace: definition.namespaced ? 'apps' : '',
      name: given.object?.metadata?.name ?? '',
      context: loopback.contextOf(user),
      ...given,
    };
    await admission.admit(attributes);
    await admission.validate(attributes);
    return attributes.object;
  };
  return { loopback, run };
}

const newPod = (spec: object = {}, metadata: object = {}) => ({
  metadata: { name: 'web', ...metadata },
  spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
});

describe('NamespaceLifecycle', () => {
  it('refuses objects in namespaces that do not exist or go away', async () => {
    const { run } = setUp();
    await expect(run(pods, { namespace: 'nowhere', object: newPod() })).rejects.toThrow(
      'namespaces "nowhere" not found',
    );
    const refusal = run(pods, { namespace: 'leaving', object: newPod() });
    await expect(refusal).rejects.toMatchObject({
      code: 403,
      message:
        'pods "web" is forbidden: unable to create new content in namespace leaving because it is being terminated',
      status: {
        details: {
          causes: [
            {
              reason: 'NamespaceTerminating',
              message: 'namespace leaving is being terminated',
              field: 'metadata.namespace',
            },
          ],
        },
      },
    });
  });

  it('protects the namespaces the cluster stands on', async () => {
    const { run } = setUp();
    const remove = (name: string) => run(namespaces, { operation: 'DELETE', name, object: undefined });
    await expect(remove('kube-system')).rejects.toThrow(
      'namespaces "kube-system" is forbidden: this namespace may not be deleted',
    );
    await expect(remove('apps')).resolves.toBeUndefined();
  });
});

describe('ServiceAccount', () => {
  it('gives the default account and mounts its token in every container', async () => {
    const { run } = setUp();
    const { spec } = await run(pods, { object: newPod({ initContainers: [{ name: 'i' }] }) });
    expect(spec.serviceAccountName).toBe('default');
    const [volume] = spec.volumes;
    expect(volume.name).toMatch(/^kube-api-access-[a-z0-9]{5}$/);
    expect(volume.projected).toMatchObject({
      defaultMode: 420,
      sources: [
        { serviceAccountToken: { path: 'token', expirationSeconds: 3607 } },
        { configMap: { name: 'kube-root-ca.crt' } },
        { downwardAPI: { items: [{ path: 'namespace' }] } },
      ],
    });
    const mount = { name: volume.name, readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' };
    expect(spec.containers[0].volumeMounts).toEqual([mount]);
    expect(spec.initContainers[0].volumeMounts).toEqual([mount]);
  });

  it('mounts nothing where the pod or the account says so, or something is mounted there', async () => {
    const { run, loopback } = setUp();
    expect((await run(pods, { object: newPod({ automountServiceAccountToken: false }) })).spec.volumes).toBeUndefined();
    const volumeMounts = [{ name: 'own', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' }];
    const mounted = await run(pods, { object: newPod({ containers: [{ name: 'c', volumeMounts }] }) });
    expect(mounted.spec.volumes).toBeUndefined();
    loopback.put(serviceAccounts, {
      metadata: { namespace: 'apps', name: 'bare' },
      automountServiceAccountToken: false,
      imagePullSecrets: [{ name: 'pull' }],
    });
    const { spec } = await run(pods, { object: newPod({ serviceAccountName: 'bare' }) });
    expect(spec.volumes).toBeUndefined();
    expect(spec.imagePullSecrets).toEqual([{ name: 'pull' }]);
  });

  it('refuses a missing account in upstream words', async () => {
    const { run } = setUp();
    await expect(run(pods, { object: newPod({ serviceAccountName: 'ghost' }) })).rejects.toThrow(
      'pods "web" is forbidden: error looking up service account apps/ghost: serviceaccount "ghost" not found',
    );
  });

  it('leaves mirror pods alone but for references', async () => {
    const { run } = setUp();
    const metadata = { annotations: { 'kubernetes.io/config.mirror': 'h' } };
    expect((await run(pods, { object: newPod({}, metadata) })).spec.serviceAccountName).toBeUndefined();
    const volumes = [{ name: 's', secret: { secretName: 'x' } }];
    await expect(run(pods, { object: newPod({ volumes }, metadata) })).rejects.toThrow(
      'a mirror pod may not reference secrets',
    );
  });
});

describe('Priority', () => {
  it('resolves the class, or zero', async () => {
    const { run, loopback } = setUp();
    loopback.put(priorityClasses, { metadata: { name: 'high' }, value: 1000, preemptionPolicy: 'Never' });
    expect((await run(pods, { object: newPod() })).spec).toMatchObject({
      priority: 0,
      preemptionPolicy: 'PreemptLowerPriority',
    });
    expect((await run(pods, { object: newPod({ priorityClassName: 'high' }) })).spec).toMatchObject({
      priority: 1000,
      preemptionPolicy: 'Never',
    });
    await expect(run(pods, { object: newPod({ priorityClassName: 'ghost' }) })).rejects.toThrow(
      'no PriorityClass with name ghost was found',
    );
    await expect(run(pods, { object: newPod({ priority: 7 }) })).rejects.toThrow(
      'the integer value of priority (7) must not be provided in pod spec; priority admission controller computed 0 from the given PriorityClass name',
    );
  });

  it('uses the default class and keeps it the only one', async () => {
    const { run, loopback } = setUp();
    loopback.put(priorityClasses, { metadata: { name: 'usual' }, value: 5, globalDefault: true });
    expect((await run(pods, { object: newPod() })).spec).toMatchObject({ priorityClassName: 'usual', priority: 5 });
    const second = { metadata: { name: 'second' }, value: 6, globalDefault: true };
    await expect(run(priorityClasses, { object: second })).rejects.toThrow(
      'PriorityClass usual is already marked as default. Only one default can exist',
    );
  });
});

describe('DefaultTolerationSeconds and TaintNodesByCondition', () => {
  it('tolerates a failed node for five minutes, unless the pod says otherwise', async () => {
    const { run } = setUp();
    const own = {
      key: 'node.kubernetes.io/unreachable',
      operator: 'Exists',
      effect: 'NoExecute',
      tolerationSeconds: 5,
    };
    const { spec } = await run(pods, { object: newPod({ tolerations: [own] }) });
    expect(spec.tolerations).toEqual([
      own,
      { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
    ]);
    const all = await run(pods, { object: newPod({ tolerations: [{ operator: 'Exists' }] }) });
    expect(all.spec.tolerations).toHaveLength(1);
  });

  it('taints a new node as not ready', async () => {
    const { run } = setUp();
    const node = await run(nodes, { object: { metadata: { name: 'n1' } } }, kubelet);
    expect(node.spec.taints).toEqual([{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }]);
  });
});

describe('NodeRestriction', () => {
  it('keeps a kubelet to its own Node and the labels it may set', async () => {
    const { run } = setUp();
    const create = (name: string, labels: Record<string, string>) =>
      run(nodes, { object: { metadata: { name, labels } } }, kubelet);
    await expect(create('n2', {})).rejects.toThrow('node "n1" is not allowed to modify node "n2"');
    await expect(create('n1', { 'kubernetes.io/hostname': 'n1', zone: 'a' })).resolves.toBeDefined();
    await expect(create('n1', { 'node-restriction.kubernetes.io/x': 'y' })).rejects.toThrow(
      'node "n1" is not allowed to set the following labels: node-restriction.kubernetes.io/x',
    );
    const old = { metadata: { name: 'n1' }, spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } };
    const update = { operation: 'UPDATE' as const, name: 'n1', oldObject: old as any };
    await expect(run(nodes, { ...update, object: { ...old, spec: {} } }, kubelet)).rejects.toThrow(
      'node "n1" is not allowed to modify taints',
    );
  });

  it('lets it create only mirror pods of its own, without references', async () => {
    const { run } = setUp();
    await expect(run(pods, { object: newPod({ nodeName: 'n1' }) }, kubelet)).rejects.toThrow(
      'can only create mirror pods',
    );
    const metadata = { annotations: { 'kubernetes.io/config.mirror': 'h' } };
    await expect(run(pods, { object: newPod({ nodeName: 'n1' }, metadata) }, kubelet)).resolves.toBeDefined();
    await expect(run(pods, { object: newPod({ nodeName: 'n2' }, metadata) }, kubelet)).rejects.toThrow(
      'node "n1" can only create pods with spec.nodeName set to itself',
    );
  });

  it('lets it change status and ask for tokens only for pods bound to it', async () => {
    const { run, loopback } = setUp();
    const mine = loopback.put(pods, { ...newPod({ nodeName: 'n1' }), metadata: { namespace: 'apps', name: 'mine' } });
    const other = loopback.put(pods, { ...newPod({ nodeName: 'n2' }), metadata: { namespace: 'apps', name: 'other' } });
    const status = (pod: any) =>
      run(
        pods,
        { operation: 'UPDATE', subresource: 'status', name: pod.metadata.name, object: pod, oldObject: pod },
        kubelet,
      );
    await expect(status(mine)).resolves.toBeDefined();
    await expect(status(other)).rejects.toThrow('can only update pod status for pods with spec.nodeName set to itself');
    const token = (boundObjectRef?: object) =>
      run(serviceAccounts, { subresource: 'token', name: 'default', object: { spec: { boundObjectRef } } }, kubelet);
    await expect(token()).rejects.toThrow('node requested token not bound to a pod');
    const ref = { apiVersion: 'v1', kind: 'Pod', name: 'mine' };
    await expect(token(ref)).rejects.toThrow('without a uid');
    await expect(token({ ...ref, uid: mine.metadata.uid })).resolves.toBeDefined();
    await expect(token({ ...ref, name: 'other', uid: other.metadata.uid })).rejects.toThrow(
      'scheduled on a different node',
    );
  });

  it('lets it touch only its own lease', async () => {
    const { run, loopback } = setUp();
    loopback.put(namespaces, { metadata: { name: 'kube-node-lease' } });
    const create = (name: string) =>
      run(leases, { namespace: 'kube-node-lease', object: { metadata: { name } } }, kubelet);
    await expect(create('n1')).resolves.toBeDefined();
    await expect(create('n2')).rejects.toThrow('can only access node lease with the same name as the requesting node');
  });
});

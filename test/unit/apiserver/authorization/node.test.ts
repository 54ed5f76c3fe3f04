import { pods } from '../../../../api/core/v1/pod';
import { type AuthorizerAttributes, resourceAttributes } from '../../../../apiserver/authorization/authorizer';
import { createNodeAuthorizer } from '../../../../apiserver/authorization/node';
import { podReferences } from '../../../../apiserver/authorization/node-graph';
import { createTestLoopback } from '../../../support/loopback';

const node = { name: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'] };
const pod = {
  metadata: { namespace: 'apps', name: 'web' },
  spec: {
    nodeName: 'n1',
    serviceAccountName: 'web',
    imagePullSecrets: [{ name: 'pull' }],
    containers: [
      {
        name: 'c',
        env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'env-secret', key: 'k' } } }],
        envFrom: [{ configMapRef: { name: 'env-config' } }],
      },
    ],
    initContainers: [{ name: 'i', envFrom: [{ secretRef: { name: 'init-secret' } }] }],
    volumes: [
      { name: 's', secret: { secretName: 'vol-secret' } },
      { name: 'c', configMap: { name: 'vol-config' } },
      { name: 'p', projected: { sources: [{ configMap: { name: 'root-ca' } }, { secret: { name: 'proj-secret' } }] } },
      { name: 'pvc', persistentVolumeClaim: { claimName: 'claim' } },
    ],
  },
};

function setUp() {
  const loopback = createTestLoopback();
  const authorizer = createNodeAuthorizer(loopback.view(pods));
  const allows = async (given: Partial<AuthorizerAttributes>, user = node) =>
    (await authorizer.authorize(user, resourceAttributes(given))).decision === 'allow';
  return { loopback, allows };
}

describe('node authorizer', () => {
  it('finds every reference of a pod', () => {
    expect(podReferences(pod).map(([kind, name]) => `${kind}/${name}`)).toEqual([
      'pod/web',
      'serviceaccount/web',
      'secret/pull',
      'secret/init-secret',
      'configmap/env-config',
      'secret/env-secret',
      'secret/vol-secret',
      'configmap/vol-config',
      'configmap/root-ca',
      'secret/proj-secret',
      'persistentvolumeclaim/claim',
    ]);
  });

  it('lets a node read what its pods refer to, as long as they are bound to it', async () => {
    const { loopback, allows } = setUp();
    const secret = { verb: 'get', resource: 'secrets', namespace: 'apps', name: 'vol-secret' };
    expect(await allows(secret)).toBe(false);
    loopback.put(pods, pod);
    expect(await allows(secret)).toBe(true);
    expect(await allows({ ...secret, verb: 'watch' })).toBe(true);
    expect(await allows({ ...secret, verb: 'update' })).toBe(false);
    expect(await allows({ ...secret, name: 'other' })).toBe(false);
    expect(await allows({ ...secret, namespace: 'other' })).toBe(false);
    expect(await allows({ ...secret, name: '' })).toBe(false);
    expect(await allows(secret, { ...node, name: 'system:node:n2' })).toBe(false);
    expect(await allows({ ...secret, resource: 'configmaps', name: 'root-ca' })).toBe(true);
    loopback.remove(pods, 'apps/web');
    expect(await allows(secret)).toBe(false);
  });

  it('lets a mirror pod open nothing', async () => {
    const { loopback, allows } = setUp();
    const annotations = { 'kubernetes.io/config.mirror': 'x' };
    loopback.put(pods, { ...pod, metadata: { ...pod.metadata, annotations } });
    expect(await allows({ verb: 'get', resource: 'secrets', namespace: 'apps', name: 'vol-secret' })).toBe(false);
  });

  it('issues tokens only for accounts of its pods', async () => {
    const { loopback, allows } = setUp();
    loopback.put(pods, pod);
    const token = { verb: 'create', resource: 'serviceaccounts', subresource: 'token', namespace: 'apps', name: 'web' };
    expect(await allows(token)).toBe(true);
    expect(await allows({ ...token, name: 'default' })).toBe(false);
    expect(await allows({ ...token, verb: 'get', subresource: '' })).toBe(false);
  });

  it('keeps a node to its own Node, lease and pods', async () => {
    const { loopback, allows } = setUp();
    loopback.put(pods, pod);
    expect(await allows({ verb: 'get', resource: 'nodes', name: 'n1' })).toBe(true);
    expect(await allows({ verb: 'get', resource: 'nodes', name: 'n2' })).toBe(false);
    expect(await allows({ verb: 'list', resource: 'nodes', fieldSelector: 'metadata.name=n1' })).toBe(true);
    expect(await allows({ verb: 'list', resource: 'nodes' })).toBe(false);
    expect(await allows({ verb: 'delete', resource: 'nodes', name: 'n1' })).toBe(false);
    const lease = { apiGroup: 'coordination.k8s.io', resource: 'leases', namespace: 'kube-node-lease' };
    expect(await allows({ ...lease, verb: 'update', name: 'n1' })).toBe(true);
    expect(await allows({ ...lease, verb: 'update', name: 'n2' })).toBe(false);
    expect(await allows({ ...lease, verb: 'update', name: 'n1', namespace: 'kube-system' })).toBe(false);
    expect(await allows({ verb: 'list', resource: 'pods', fieldSelector: 'spec.nodeName=n1' })).toBe(true);
    expect(await allows({ verb: 'list', resource: 'pods' })).toBe(false);
    expect(await allows({ verb: 'get', resource: 'pods', namespace: 'apps', name: 'web' })).toBe(true);
    expect(await allows({ verb: 'get', resource: 'pods', namespace: 'apps', name: 'other' })).toBe(false);
  });

  it('has no opinion on others', async () => {
    const { loopback, allows } = setUp();
    loopback.put(pods, pod);
    const secret = { verb: 'get', resource: 'secrets', namespace: 'apps', name: 'vol-secret' };
    expect(await allows(secret, { name: 'system:node:n1', groups: [] })).toBe(false);
    expect(
      await allows({ verb: 'create', apiGroup: 'certificates.k8s.io', resource: 'certificatesigningrequests' }),
    ).toBe(true);
    expect(await allows({ verb: 'create', apiGroup: 'apps', resource: 'deployments', namespace: 'apps' })).toBe(false);
  });
});

import { resources } from '../../../../../api/resources';
import { negotiateDiscovery } from '../../../../../apiserver/endpoints/discovery/aggregated';
import { catalogOf, compareVersions } from '../../../../../apiserver/endpoints/discovery/catalog';
import { buildDiscovery } from '../../../../../apiserver/endpoints/discovery/documents';

const documents = buildDiscovery(resources, '192.0.2.1:6443');
const read = (path: string): any => JSON.parse(documents.find(path)!.bytes.toString());
const resourceNamed = (path: string, name: string): unknown =>
  read(path).resources.find((resource: { name: string }) => resource.name === name);

describe('legacy discovery', () => {
  it('lists the core version and where the server is', () => {
    expect(read('/api')).toEqual({
      kind: 'APIVersions',
      versions: ['v1'],
      serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: '192.0.2.1:6443' }],
    });
  });

  it('lists groups with their preferred version', () => {
    expect(read('/apis').groups).toContainEqual({
      name: 'apps',
      versions: [{ groupVersion: 'apps/v1', version: 'v1' }],
      preferredVersion: { groupVersion: 'apps/v1', version: 'v1' },
    });
    expect(read('/apis').groups.map((group: { name: string }) => group.name)).toContain('events.k8s.io');
    expect(read('/apis/apps')).toMatchObject({ kind: 'APIGroup', apiVersion: 'v1', name: 'apps' });
  });

  it('describes resources and subresources as upstream does', () => {
    expect(resourceNamed('/api/v1', 'pods')).toEqual({
      name: 'pods',
      singularName: 'pod',
      namespaced: true,
      kind: 'Pod',
      verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
      shortNames: ['po'],
      categories: ['all'],
      storageVersionHash: 'xPOwRZ+Yhw8=',
    });
    expect(resourceNamed('/api/v1', 'pods/eviction')).toEqual({
      name: 'pods/eviction',
      singularName: '',
      namespaced: true,
      group: 'policy',
      version: 'v1',
      kind: 'Eviction',
      verbs: ['create'],
    });
    expect(resourceNamed('/apis/apps/v1', 'deployments/scale')).toMatchObject({ group: 'autoscaling', kind: 'Scale' });
    expect(resourceNamed('/apis/apps/v1', 'deployments/status')).toMatchObject({ verbs: ['get', 'patch', 'update'] });
    expect(resourceNamed('/apis/authentication.k8s.io/v1', 'tokenreviews')).not.toHaveProperty('storageVersionHash');
    expect(resourceNamed('/apis/events.k8s.io/v1', 'events')).toMatchObject({ kind: 'Event' });
  });

  it('has nothing else', () => {
    expect(documents.find('/apis/none')).toBeUndefined();
    expect(documents.find('/api/v2')).toBeUndefined();
  });
});

describe('aggregated discovery', () => {
  it('tells the same in one document', () => {
    const list = JSON.parse(documents.aggregated('/apis', 'v2').bytes.toString());
    expect(list).toMatchObject({ kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2' });
    const apps = list.items.find((item: any) => item.metadata.name === 'apps');
    expect(apps.versions[0]).toMatchObject({ version: 'v1', freshness: 'Current' });
    const deployments = apps.versions[0].resources.find(({ resource }: any) => resource === 'deployments');
    expect(deployments).toMatchObject({
      resource: 'deployments',
      responseKind: { group: 'apps', version: 'v1', kind: 'Deployment' },
      scope: 'Namespaced',
      singularResource: 'deployment',
      shortNames: ['deploy'],
      subresources: [
        { subresource: 'scale', responseKind: { group: 'autoscaling', version: 'v1', kind: 'Scale' } },
        { subresource: 'status', responseKind: { group: 'apps', version: 'v1', kind: 'Deployment' } },
      ],
    });
    const core = JSON.parse(documents.aggregated('/api', 'v2beta1').bytes.toString());
    expect(core.apiVersion).toBe('apidiscovery.k8s.io/v2beta1');
    expect(core.items).toHaveLength(1);
  });

  it.each([
    [undefined, 'legacy'],
    ['application/json', 'legacy'],
    ['application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json', 'v2'],
    [
      'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
      'v2beta1',
    ],
    ['application/json;g=apidiscovery.k8s.io;v=v3;as=APIGroupDiscoveryList,application/json', 'legacy'],
  ])('is chosen by Accept %s: %s', (accept, expected) => {
    expect(negotiateDiscovery(accept)).toBe(expected);
  });
});

describe('catalogOf', () => {
  it('puts stable and higher versions first', () => {
    const versions = ['v1alpha1', 'foo', 'v1', 'v2beta1', 'v10', 'v1beta2', 'v2', 'v1beta10'];
    expect(versions.sort(compareVersions)).toEqual([
      'v10',
      'v2',
      'v1',
      'v2beta1',
      'v1beta10',
      'v1beta2',
      'v1alpha1',
      'foo',
    ]);
  });

  it('begins with the core group and sorts resources by name', () => {
    const [core] = catalogOf(resources);
    expect(core?.name).toBe('');
    const names = core!.versions[0]!.resources.map((resource) => resource.plural);
    expect(names).toEqual([...names].sort());
  });
});

import { defineResource } from '../../../../../api/meta/resource-definition';
import type { KubeObject } from '../../../../../api/meta/types';
import { createFieldManager, type WriteFacts } from '../../../../../apiserver/patch/apply/field-manager';
import { ofMainResource, ofStatus } from '../../../../../apiserver/patch/apply/ownable';
import { deployments } from '../../../../../api/apps/v1/deployment';
import { pods } from '../../../../../api/core/v1/pod';

const facts = (manager: string, more: Partial<WriteFacts> = {}): WriteFacts => ({
  manager,
  apiVersion: 'v1',
  subresource: '',
  ownable: ofMainResource(true),
  time: '2026-01-01T00:00:00Z',
  ...more,
});

const pod = (more: object = {}, spec: object = {}): any => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default' },
  spec: { containers: [{ name: 'web', image: 'web:1' }], ...spec },
  ...more,
});

const entriesOf = (object: KubeObject): any[] => object.metadata?.managedFields ?? [];

describe('the field manager', () => {
  const manager = createFieldManager(pods);

  const created = async (object = pod()): Promise<any> => {
    await manager.recordUpdate(undefined, object, facts('creator'));
    return object;
  };

  it('owns nothing that Go has anyway: structs, required lists, what the server sets', async () => {
    const object = await created(
      pod({
        metadata: { name: 'web', uid: 'x', generation: 1, generateName: 'w-', annotations: {} },
        status: { phase: 'Failed' },
      }),
    );
    expect(entriesOf(object)[0].fieldsV1).toEqual({
      'f:metadata': { 'f:generateName': {} },
      'f:spec': {
        'f:containers': { 'k:{"name":"web"}': { '.': {}, 'f:name': {}, 'f:image': {}, 'f:resources': {} } },
      },
    });
  });

  it('gives an update what it changed, and the status its own entry', async () => {
    const live = await created();
    const next = {
      ...live,
      status: { phase: 'Running', podIPs: [{ ip: '10.0.0.1' }] },
      metadata: { ...live.metadata },
    };
    await manager.recordUpdate(live, next, facts('kubelet', { subresource: 'status', ownable: ofStatus }));
    expect(entriesOf(next)).toHaveLength(2);
    expect(entriesOf(next).find((entry) => entry.manager === 'kubelet')).toMatchObject({
      subresource: 'status',
      fieldsV1: {
        'f:status': { 'f:phase': {}, 'f:podIPs': { '.': {}, 'k:{"ip":"10.0.0.1"}': { '.': {}, 'f:ip': {} } } },
      },
    });
  });

  it('keeps the very entries when nothing changed', async () => {
    const live = await created();
    const same = { ...live, metadata: { ...live.metadata, managedFields: undefined } };
    await manager.recordUpdate(live, same, facts('other', { time: '2027-01-01T00:00:00Z' }));
    expect(same.metadata.managedFields).toBe(live.metadata.managedFields);
  });

  it('does not begin to record what was never recorded', async () => {
    const live = pod();
    const next = pod({}, { nodeName: 'x' });
    await manager.recordUpdate(live, next, facts('someone'));
    expect(next.metadata.managedFields).toBeUndefined();
  });

  it('ignores managed fields that come through a subresource', async () => {
    const live = await created();
    const given = [{ ...entriesOf(live)[0], manager: 'forged' }];
    const next = { ...live, metadata: { ...live.metadata, managedFields: given } };
    await manager.recordUpdate(live, next, facts('other', { subresource: 'status', ownable: ofStatus }));
    expect(next.metadata.managedFields).toBe(live.metadata.managedFields);
  });

  it('lets kubectl take over what it had applied on the client', async () => {
    const apps = createFieldManager(deployments);
    const of = (replicas: number): any => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'd' },
      spec: { replicas },
    });
    const live = of(2);
    live.metadata.annotations = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(of(2)) };
    await apps.recordUpdate(undefined, live, facts('kubectl-client-side-apply', { apiVersion: 'apps/v1' }));
    const apply = (by: string, replicas: number): Promise<any> =>
      apps.apply(live, of(replicas), { ...facts(by, { apiVersion: 'apps/v1' }), force: false });
    await expect(apply('me', 3)).rejects.toThrow(
      'Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using apps/v1: .spec.replicas',
    );
    const taken = await apply('kubectl', 3);
    expect(taken.spec.replicas).toBe(3);
    expect(taken.metadata.annotations).toEqual({
      'kubectl.kubernetes.io/last-applied-configuration': `${JSON.stringify(of(3))}\n`,
    });
    live.spec.replicas = 4;
    await expect(apply('kubectl', 3)).rejects.toThrow('Apply failed with 1 conflict');
  });

  it('keeps the name when all else that was applied goes', async () => {
    const labelled = pod({ metadata: { name: 'web', namespace: 'default', labels: { a: 'b' } } });
    const first = await manager.apply(undefined, labelled, { ...facts('me'), force: false });
    const last = await manager.apply(first, pod(), { ...facts('me'), force: false });
    expect(last.metadata).toMatchObject({ name: 'web', namespace: 'default' });
    expect(last.metadata).not.toHaveProperty('labels');
  });

  it('asks managers of other versions about the object as it is there', async () => {
    interface Named extends KubeObject {
      first?: string;
    }
    const kind = defineResource<Named>({
      group: 'test',
      version: 'v1',
      kind: 'Named',
      names: { plural: 'nameds', singular: 'named' },
      scope: 'Cluster',
      servedVersions: [
        {
          group: 'test',
          version: 'v2',
          schema: 'none',
          encode: ({ first, ...rest }) => ({
            ...rest,
            apiVersion: 'test/v2',
            ...(first !== undefined && { given: first }),
          }),
          decode: ({ given, ...rest }: any) => ({
            ...rest,
            apiVersion: 'test/v1',
            ...(given !== undefined && { first: given }),
          }),
        },
      ],
    });
    const both = createFieldManager(kind);
    const at = (apiVersion: string, fields: object): any => ({
      apiVersion,
      kind: 'Named',
      metadata: { name: 'n' },
      ...fields,
    });
    const write = (by: string, version: string) => ({ ...facts(by, { apiVersion: `test/${version}` }), force: false });
    const first = await both.apply(undefined, at('test/v1', { first: 'Ada' }), write('one', 'v1'));
    await expect(both.apply(first, at('test/v2', { given: 'Eve' }), write('two', 'v2'))).rejects.toThrow(
      'Apply failed with 1 conflict: conflict with "one": .first',
    );
    const moved = await both.apply(first, at('test/v2', {}), write('one', 'v2'));
    expect(moved).not.toHaveProperty('given');
    expect(entriesOf(moved)).toEqual([]);
    const unserved = {
      ...first,
      metadata: { name: 'n', managedFields: [{ ...entriesOf(first)[0], apiVersion: 'test/v0' }] },
    };
    const forgotten = await both.apply(unserved, at('test/v2', { given: 'Eve' }), write('two', 'v2'));
    expect(entriesOf(forgotten)).toMatchObject([{ manager: 'two', apiVersion: 'test/v2' }]);
  });
});

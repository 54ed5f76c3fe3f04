import type { PersistentVolume } from '../../../../api/core/v1/persistentvolume';
import type { PersistentVolumeClaim } from '../../../../api/core/v1/persistentvolumeclaim';
import type { Stored } from '../../../../api/meta/types';
import type { StorageClass } from '../../../../api/storage/v1/storageclass';
import type { ClusterEvent, ClusterView } from '../../../../scheduler/framework';
import type { PodInfo } from '../../../../scheduler/node-info';
import { volumeBinding } from '../../../../scheduler/plugins/volume-binding';
import { volumeRestrictions } from '../../../../scheduler/plugins/volume-restrictions';
import { emptyView, makeNode, makePod, nodeInfo, podInfo, verdicts } from '../../../support/scheduling';

const meta = (name: string) => ({ name, uid: `uid-${name}`, resourceVersion: '1', creationTimestamp: '' });

interface ClaimOptions {
  spec?: PersistentVolumeClaim['spec'];
  status?: PersistentVolumeClaim['status'];
  deletionTimestamp?: string;
  boundTo?: string;
}
function makeClaim(name: string, { spec, status, boundTo, ...more }: ClaimOptions = {}): Stored<PersistentVolumeClaim> {
  const annotations = boundTo && { annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } };
  return {
    metadata: { ...meta(name), namespace: 'default', ...annotations, ...more },
    spec: { ...spec, ...(boundTo && { volumeName: boundTo }) },
    ...(status && { status }),
  };
}

const volume = (name: string, more: Partial<PersistentVolume> = {}): Stored<PersistentVolume> => ({
  ...more,
  metadata: { ...meta(name), ...more.metadata },
});
const inZone = (zone: string): Partial<PersistentVolume> => ({
  spec: {
    nodeAffinity: {
      required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: [zone] }] }] },
    },
  },
});
const delayed: Stored<StorageClass> = {
  metadata: meta('delayed'),
  provisioner: 'x',
  volumeBindingMode: 'WaitForFirstConsumer',
};

const viewOf = (claims: Stored<PersistentVolumeClaim>[], volumes: Stored<PersistentVolume>[] = []): ClusterView => ({
  ...emptyView,
  claim: (key) => claims.find(({ metadata }) => `default/${metadata.name}` === key),
  volume: (name) => volumes.find(({ metadata }) => metadata.name === name),
  storageClass: (name) => (name === 'delayed' ? delayed : undefined),
});
const using = (...names: string[]) => ({
  volumes: names.map((name) => ({ name, persistentVolumeClaim: { claimName: name } })),
});
const nodes = [nodeInfo('a', { labels: { zone: 'a' } }), nodeInfo('b', { labels: { zone: 'b' } })];
const everywhere = (message: string) => ({ a: message, b: message });
const pod = podInfo('p', using('c'));

describe('VolumeBinding', () => {
  const inline = podInfo('p', { volumes: [{ name: 'scratch', ephemeral: {} }] });
  it.each<[string, PodInfo, Stored<PersistentVolumeClaim>[], string]>([
    ['no claim', pod, [], 'persistentvolumeclaim "c" not found'],
    [
      'no claim for an ephemeral volume yet',
      inline,
      [],
      'waiting for ephemeral volume controller to create the persistentvolumeclaim "p-scratch"',
    ],
    [
      'a claim of somebody else for an ephemeral volume',
      inline,
      [makeClaim('p-scratch')],
      'PVC default/p-scratch was not created for pod default/p (pod is not owner)',
    ],
    [
      'a lost claim',
      pod,
      [makeClaim('c', { boundTo: 'v', status: { phase: 'Lost' } })],
      'persistentvolumeclaim "c" bound to non-existent persistentvolume "v"',
    ],
    [
      'a claim that goes',
      pod,
      [makeClaim('c', { boundTo: 'v', deletionTimestamp: '2026-01-01T00:00:00Z' })],
      'persistentvolumeclaim "c" is being deleted',
    ],
    ['an unbound claim', pod, [makeClaim('c')], 'pod has unbound immediate PersistentVolumeClaims'],
    [
      'a claim that names a volume which does not know it yet',
      pod,
      [makeClaim('c', { spec: { volumeName: 'v', storageClassName: 'delayed' } })],
      'pod has unbound immediate PersistentVolumeClaims',
    ],
    [
      'a claim that waits for its first consumer',
      pod,
      [makeClaim('c', { spec: { storageClassName: 'delayed' } })],
      "node(s) didn't find available persistent volumes to bind",
    ],
    [
      'a volume that is gone',
      pod,
      [makeClaim('c', { boundTo: 'v' })],
      'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)',
    ],
  ])('%s', (_name, info, claims, message) =>
    expect(verdicts(info, nodes, { view: viewOf(claims) })).toEqual(everywhere(message)),
  );

  it('keeps to the nodes that reach the volume', () => {
    const claims = [makeClaim('c', { boundTo: 'v' })];
    expect(verdicts(pod, nodes, { view: viewOf(claims, [volume('v', inZone('a'))]) })).toEqual({
      a: '',
      b: "node(s) didn't match PersistentVolume's node affinity",
    });
    expect(verdicts(pod, nodes, { view: viewOf(claims, [volume('v')]) })).toEqual(everywhere(''));
  });

  it('is woken by its claims, and by volumes', () => {
    const wakes = (event: ClusterEvent) => volumeBinding.wakes?.(event, pod);
    expect(wakes({ type: 'claimChanged', claim: makeClaim('c') })).toBe(true);
    expect(wakes({ type: 'claimChanged', claim: makeClaim('other') })).toBe(false);
    expect(wakes({ type: 'volumeChanged', volume: volume('v') })).toBe(true);
    expect(wakes({ type: 'storageClassAdded', storageClass: delayed })).toBe(true);
    const node = makeNode('n');
    expect(wakes({ type: 'nodeUpdated', node, old: node })).toBe(false);
    expect(wakes({ type: 'podDeleted', pod: makePod('x') })).toBe(false);
  });
});

describe('VolumeZone', () => {
  it('keeps to the zones of the volume, where nodes have zones', () => {
    const [older, newer] = ['failure-domain.beta.kubernetes.io/zone', 'topology.kubernetes.io/zone'];
    const zoned = ['a', 'b', 'c'].map((zone) => nodeInfo(zone, { labels: { [newer]: zone } }));
    const view = viewOf(
      [makeClaim('c', { boundTo: 'v' })],
      [volume('v', { metadata: { labels: { [older]: 'a__b' } } })],
    );
    expect(verdicts(pod, [...zoned, nodeInfo('none')], { view })).toEqual({
      a: '',
      b: '',
      c: 'node(s) had no available volume zone',
      none: '',
    });
  });
});

describe('VolumeRestrictions', () => {
  const claim = makeClaim('c', { boundTo: 'v', spec: { accessModes: ['ReadWriteOncePod'] } });
  const view = viewOf([claim], [volume('v')]);
  const inUse =
    'node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod';

  it('leaves a claim for one pod to the one that has it, or will', () => {
    expect(verdicts(pod, nodes, { view })).toEqual(everywhere(''));
    const taken = [nodeInfo('a', {}, [podInfo('x', using('c'))]), nodeInfo('b')];
    expect(verdicts(pod, taken, { view })).toEqual(everywhere(inUse));
    expect(verdicts(pod, nodes, { view, nominated: { a: [podInfo('x', using('c'))] } })).toEqual({ a: inUse, b: '' });
    expect(verdicts(podInfo('p', { ...using('c'), namespace: 'other' }), taken)).not.toEqual(everywhere(inUse));
  });

  it('is woken when that one goes', () => {
    const wakes = (gone: string) =>
      volumeRestrictions.wakes?.({ type: 'podDeleted', pod: makePod('x', using(gone)) }, pod);
    expect([wakes('c'), wakes('other')]).toEqual([true, false]);
  });
});

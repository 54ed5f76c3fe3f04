import { replicaSets } from '../../../api/apps/v1/replicaset';
import { statefulSets } from '../../../api/apps/v1/statefulset';
import { replicationControllers } from '../../../api/core/v1/replicationcontroller';
import { services } from '../../../api/core/v1/service';
import type { ResourceDefinition } from '../../../api/meta/resource-definition';
import type { KubeObject, OwnerReference, Stored } from '../../../api/meta/types';
import type { Informer, InformerFactory } from '../../../client/informer';
import { ObjectStore } from '../../../client/object-store';
import { createClusterView } from '../../../scheduler/cluster-view';
import { makePod } from '../../support/scheduling';

/** Informers that know these objects. */
function informersOf(...known: [ResourceDefinition, name: string, spec: object][]): InformerFactory {
  return {
    informer<T extends KubeObject>(definition: ResourceDefinition<T>) {
      const store = new ObjectStore<T>();
      for (const [each, name, spec] of known) {
        const metadata = { name, namespace: 'default', uid: name, resourceVersion: '1', creationTimestamp: '' };
        if (each === definition) store.set({ metadata, spec } as unknown as Stored<T>);
      }
      return { definition, lister: store } as unknown as Informer<T>;
    },
    start() {},
    waitForSync: () => Promise.resolve(),
  };
}

const selectorOf = (informers: InformerFactory, owner?: [apiVersion: string, kind: string]): string | undefined => {
  const pod = makePod('p', { labels: { app: 'web', tier: 'front' } });
  const reference = owner && { apiVersion: owner[0], kind: owner[1], name: 'o', uid: 'o', controller: true };
  if (reference) pod.metadata.ownerReferences = [reference satisfies OwnerReference];
  return createClusterView(informers).ownerSelector(pod)?.toString();
};
const byLabels = { selector: { matchLabels: { app: 'web' } } };

describe('ownerSelector', () => {
  it.each([
    ['ReplicaSet', 'apps/v1', replicaSets, byLabels],
    ['StatefulSet', 'apps/v1', statefulSets, byLabels],
    ['ReplicationController', 'v1', replicationControllers, { selector: { app: 'web' } }],
  ] as [string, string, ResourceDefinition, object][])('is that of a %s', (kind, apiVersion, definition, spec) =>
    expect(selectorOf(informersOf([definition, 'o', spec]), [apiVersion, kind])).toBe('app=web'),
  );

  it('adds what the Services ask that select the pod', () => {
    const informers = informersOf(
      [replicaSets, 'o', byLabels],
      [services, 'mine', { selector: { tier: 'front' } }],
      [services, 'other', { selector: { tier: 'back' } }],
      [services, 'headless', {}],
    );
    expect(selectorOf(informers, ['apps/v1', 'ReplicaSet'])).toBe('app=web,tier=front');
    expect(selectorOf(informers)).toBe('tier=front');
  });

  it('knows nothing of other kinds of the same name', () => {
    expect(selectorOf(informersOf([replicaSets, 'o', byLabels]), ['example.com/v1', 'ReplicaSet'])).toBeUndefined();
    expect(selectorOf(informersOf())).toBeUndefined();
  });
});

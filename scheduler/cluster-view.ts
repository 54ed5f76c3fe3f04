/** What plugins ask about namespaces, Services, controllers and volumes, answered from informers. */
import { replicaSets } from '../api/apps/v1/replicaset';
import { statefulSets } from '../api/apps/v1/statefulset';
import { namespaces } from '../api/core/v1/namespace';
import { persistentVolumes } from '../api/core/v1/persistentvolume';
import { persistentVolumeClaims } from '../api/core/v1/persistentvolumeclaim';
import type { Pod } from '../api/core/v1/pod';
import { replicationControllers } from '../api/core/v1/replicationcontroller';
import { services } from '../api/core/v1/service';
import { getControllerOf } from '../api/meta/controller-ref';
import { type Selector, selectorFromLabelSelector, selectorFromMap, selectorOf } from '../api/meta/selectors';
import { storageClasses } from '../api/storage/v1/storageclass';
import type { InformerFactory } from '../client/informer';
import type { ClusterView } from './framework';

export function createClusterView(informers: InformerFactory): ClusterView {
  const namespaceLister = informers.informer(namespaces).lister;
  const claimLister = informers.informer(persistentVolumeClaims).lister;
  const volumeLister = informers.informer(persistentVolumes).lister;
  const storageClassLister = informers.informer(storageClasses).lister;
  return {
    namespaceLabels: (name) => namespaceLister.get(name)?.metadata.labels,
    claim: (key) => claimLister.get(key),
    volume: (name) => volumeLister.get(name),
    storageClass: (name) => storageClassLister.get(name),
    ownerSelector: createOwnerSelector(informers),
  };
}

/** What the Services that select the pod and its controller ask for, all together. Upstream: `helper.DefaultSelector`. */
function createOwnerSelector(informers: InformerFactory): ClusterView['ownerSelector'] {
  const serviceLister = informers.informer(services).lister;
  const replicationControllerLister = informers.informer(replicationControllers).lister;
  const replicaSetLister = informers.informer(replicaSets).lister;
  const statefulSetLister = informers.informer(statefulSets).lister;
  const ofController: Record<string, (key: string) => Selector | undefined> = {
    'v1/ReplicationController': (key) => selectorFromMap(replicationControllerLister.get(key)?.spec?.selector),
    'apps/v1/ReplicaSet': (key) => selectorFromLabelSelector(replicaSetLister.get(key)?.spec?.selector),
    'apps/v1/StatefulSet': (key) => selectorFromLabelSelector(statefulSetLister.get(key)?.spec?.selector),
  };
  return (pod: Pod) => {
    const { namespace = '', labels } = pod.metadata ?? {};
    const ofServices = serviceLister
      .list({ namespace })
      .filter(({ spec }) => spec?.selector)
      .map(({ spec }) => selectorFromMap(spec?.selector))
      .filter((selector) => selector.matches(labels));
    const owner = getControllerOf(pod);
    const ofOwner = owner && ofController[`${owner.apiVersion}/${owner.kind}`]?.(`${namespace}/${owner.name}`);
    const requirements = [...ofServices, ...(ofOwner ? [ofOwner] : [])].flatMap((selector) => selector.requirements);
    return requirements.length ? selectorOf(requirements) : undefined;
  };
}

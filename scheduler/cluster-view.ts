/** What plugins ask about namespaces, Services and controllers, answered from informers. */
import { replicaSets } from '../api/apps/v1/replicaset';
import { namespaces } from '../api/core/v1/namespace';
import type { Pod } from '../api/core/v1/pod';
import { services } from '../api/core/v1/service';
import { getControllerOf } from '../api/meta/controller-ref';
import { type Selector, selectorFromLabelSelector, selectorFromMap, selectorOf } from '../api/meta/selectors';
import type { InformerFactory } from '../client/informer';
import type { ClusterView } from './framework';

export function createClusterView(informers: InformerFactory): ClusterView {
  const namespaceLister = informers.informer(namespaces).lister;
  const serviceLister = informers.informer(services).lister;
  const replicaSetLister = informers.informer(replicaSets).lister;
  return {
    namespaceLabels: (name) => namespaceLister.get(name)?.metadata.labels,
    /** The Services that select the pod and its ReplicaSet, all together (upstream's helper.DefaultSelector). */
    ownerSelector(pod: Pod): Selector | undefined {
      const { namespace = '', labels } = pod.metadata ?? {};
      if (!labels) return undefined;
      const selecting = serviceLister
        .list({ namespace })
        .filter(({ spec }) => spec?.selector && selectorFromMap(spec.selector).matches(labels));
      const requirements = selecting.flatMap(({ spec }) => selectorFromMap(spec?.selector).requirements);
      const owner = getControllerOf(pod);
      const replicaSet = owner?.kind === 'ReplicaSet' ? replicaSetLister.get(`${namespace}/${owner.name}`) : undefined;
      if (replicaSet) requirements.push(...selectorFromLabelSelector(replicaSet.spec?.selector).requirements);
      return requirements.length ? selectorOf(requirements) : undefined;
    },
  };
}

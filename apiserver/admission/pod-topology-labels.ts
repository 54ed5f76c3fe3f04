/** Tells pods, by labels, in which zone and region they are. Upstream: `plugin/pkg/admission/podtopologylabels`. */
import { nodes } from '../../api/core/v1/node';
import type { KubeObject } from '../../api/meta/types';
import type { Loopback } from '../registry/loopback';
import type { AdmissionPlugin } from './admission';
import { lookUpOf } from '../registry/look-up';
import { only } from './refusal';

const topologyLabels: readonly string[] = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region'];

/** A pod that comes with its node, or the Binding of one that is given it. */
interface Placed extends KubeObject {
  spec?: { nodeName?: string };
  target?: { name?: string };
}

export function podTopologyLabels(loopback: Loopback): AdmissionPlugin {
  const findNode = lookUpOf(loopback, nodes);
  return {
    name: 'PodTopologyLabels',
    operations: ['CREATE'],
    concerns: only('', 'pods', ['', 'binding']),
    async admit({ subresource, object }) {
      const placed = object as Placed;
      const name = subresource ? placed.target?.name : placed.spec?.nodeName;
      const given = name ? (await findNode('', name))?.metadata.labels : undefined;
      const labels = Object.fromEntries(Object.entries(given ?? {}).filter(([key]) => topologyLabels.includes(key)));
      if (!Object.keys(labels).length) return;
      const metadata = (placed.metadata ??= {});
      metadata.labels = { ...metadata.labels, ...labels };
    },
  };
}

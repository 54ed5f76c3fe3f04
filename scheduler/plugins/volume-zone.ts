/** A volume with the labels of a zone or region is used from there. Upstream: `plugins/volumezone`. */
import type { Node } from '../../api/core/v1/node';
import { concernsVolumes } from '../cluster-events';
import type { Plugin } from '../framework';

/** The labels, and what older ones are called now. */
const topologyLabels: Record<string, string> = {
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region': 'topology.kubernetes.io/region',
};

interface Place {
  key: string;
  /** A volume may be in several zones: `a__b`. */
  values: string[];
}

const isIn = ({ key, values }: Place, { metadata }: Node): boolean => {
  const value = metadata?.labels?.[key] ?? metadata?.labels?.[topologyLabels[key] ?? key];
  return value !== undefined && values.includes(value);
};

export const volumeZone: Plugin = {
  name: 'VolumeZone',
  prepareFilter(pod, _nodes, view): Place[] | undefined {
    const places = pod.claims.flatMap((claim) => {
      const labels = view.volume(view.claim(claim)?.spec?.volumeName ?? '')?.metadata.labels ?? {};
      return Object.keys(topologyLabels).flatMap((key): Place[] => {
        const value = labels[key];
        return value === undefined ? [] : [{ key, values: value.split('__') }];
      });
    });
    return places.length ? places : undefined;
  },
  /** Nodes without any such label are those of a cluster in one place. */
  filter(places: Place[], _pod, { node }) {
    const placed = Object.keys(topologyLabels).some((key) => node.metadata.labels?.[key] !== undefined);
    return placed && !places.every((place) => isIn(place, node))
      ? { reasons: ['node(s) had no available volume zone'], unresolvable: true }
      : undefined;
  },
  wakes: concernsVolumes,
};

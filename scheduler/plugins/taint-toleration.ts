/** Taints keep pods away that do not tolerate them: for good, or only if there is a better node. */
import type { Node, Taint } from '../../api/core/v1/node';
import { findUntoleratedTaint, tolerates } from '../../api/core/v1/node/taints';
import type { Pod } from '../../api/core/v1/pod';
import { defaultNormalize, type Plugin } from '../framework';

const untolerated = (pod: Pod, node: Node): Taint | undefined =>
  findUntoleratedTaint(
    node.spec?.taints,
    pod.spec?.tolerations,
    ({ effect }) => effect === 'NoSchedule' || effect === 'NoExecute',
  );

export const taintToleration: Plugin = {
  name: 'TaintToleration',
  filter: (_state, { pod }, { node }) =>
    untolerated(pod, node) ? { reasons: ['node(s) had untolerated taint(s)'], unresolvable: true } : undefined,
  weight: 3,
  /** How many soft taints the pod minds. */
  score(_state, { pod }, { node }) {
    const softening = (pod.spec?.tolerations ?? []).filter(({ effect }) => !effect || effect === 'PreferNoSchedule');
    return (node.spec?.taints ?? []).filter(
      (taint) => taint.effect === 'PreferNoSchedule' && !tolerates(softening, taint),
    ).length;
  },
  normalize: (scores) => defaultNormalize(scores, true),
  wakes: (event, { pod }) =>
    (event.type === 'nodeAdded' || event.type === 'nodeUpdated') && !untolerated(pod, event.node),
};

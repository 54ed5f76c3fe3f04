/** Node selectors and node affinity: required terms filter, preferred ones score. */
import { matchesNodeSelector, matchesNodeSelectorTerm } from '../../api/core/v1/node/affinity';
import { defaultNormalize, type Plugin } from '../framework';

export const nodeAffinity: Plugin = {
  name: 'NodeAffinity',
  prepareFilter: ({ pod: { spec } }) => (spec?.nodeSelector || spec?.affinity?.nodeAffinity ? true : undefined),
  filter: (_state, { pod }, { node }) =>
    matchesNodeSelector(pod, node)
      ? undefined
      : { reasons: ["node(s) didn't match Pod's node affinity/selector"], unresolvable: true },
  weight: 2,
  prepareScore: ({ pod }) => {
    const preferred = pod.spec?.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution;
    return preferred?.length ? preferred : undefined;
  },
  score: (preferred: { weight: number; preference: object }[], _pod, { node }) =>
    preferred
      .filter(({ preference }) => matchesNodeSelectorTerm(preference, node))
      .reduce((sum, { weight }) => sum + weight, 0),
  normalize: (scores) => defaultNormalize(scores),
  wakes: (event, { pod }) =>
    (event.type === 'nodeAdded' || event.type === 'nodeUpdated') && matchesNodeSelector(pod, event.node),
};

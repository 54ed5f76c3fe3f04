/** A pod that names its node runs there or nowhere. */
import type { Plugin } from '../framework';

export const nodeName: Plugin = {
  name: 'NodeName',
  prepareFilter: ({ pod }) => (pod.spec?.nodeName ? true : undefined),
  filter: (_state, { pod }, { node }) =>
    pod.spec?.nodeName !== node.metadata.name
      ? { reasons: ["node(s) didn't match the requested node name"], unresolvable: true }
      : undefined,
  wakes: (event, { pod }) => event.type === 'nodeAdded' && event.node.metadata.name === pod.spec?.nodeName,
};

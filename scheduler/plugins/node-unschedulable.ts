/** Cordoned nodes take no new pods, except those that tolerate the taint of it. */
import type { Node, Taint } from '../../api/core/v1/node';
import { taintKeys, tolerates } from '../../api/core/v1/node/taints';
import type { Pod } from '../../api/core/v1/pod';
import type { Plugin } from '../framework';

const unschedulableTaint: Taint = { key: taintKeys.unschedulable, effect: 'NoSchedule' };

const fits = (pod: Pod, node: Node): boolean =>
  !node.spec?.unschedulable || tolerates(pod.spec?.tolerations, unschedulableTaint);

export const nodeUnschedulable: Plugin = {
  name: 'NodeUnschedulable',
  filter: (_state, { pod }, { node }) =>
    fits(pod, node) ? undefined : { reasons: ['node(s) were unschedulable'], unresolvable: true },
  wakes: (event, { pod }) => (event.type === 'nodeAdded' || event.type === 'nodeUpdated') && fits(pod, event.node),
};

/**
 * A node starts tainted as not ready, so that nothing is scheduled to it before its first heartbeat. Upstream:
 * `plugin/pkg/admission/nodetaint`.
 */
import type { Node } from '../../api/core/v1/node';
import type { AdmissionPlugin } from './admission';
import { only } from './refusal';

const taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };

export const taintNodesByCondition = (): AdmissionPlugin => ({
  name: 'TaintNodesByCondition',
  operations: ['CREATE'],
  concerns: only('', 'nodes'),
  admit(attributes) {
    const node = attributes.object as Node;
    node.spec ??= {};
    const { taints = [] } = node.spec;
    if (taints.some(({ key, effect }) => key === taint.key && effect === taint.effect)) return;
    node.spec.taints = [...taints, { ...taint }];
  },
});

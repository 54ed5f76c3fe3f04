/** The shapes of a Node. */
import type {
  V1Node,
  V1NodeAddress,
  V1NodeCondition,
  V1NodeSpec,
  V1NodeStatus,
  V1Taint,
} from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import type { Wire } from '../../../meta/types';

export interface Node extends Wire<V1Node> {}
export interface NodeSpec extends Wire<V1NodeSpec> {}
export interface NodeStatus extends Wire<V1NodeStatus> {}
export interface NodeCondition extends Wire<V1NodeCondition> {}
export interface NodeAddress extends Wire<V1NodeAddress> {}
export interface Taint extends Wire<V1Taint> {}

/** Which pods a node that is short of something still takes (upstream's eviction manager as an admit handler). Pure. */
import { taintKeys, tolerates } from '../../api/core/v1/node/taints';
import { type Pod, qosClassOf } from '../../api/core/v1/pod';
import { isMirrorPod, isStaticPod } from '../config/static-pods';
import type { PressureCondition } from './signals';

const systemCriticalPriority = 2_000_000_000;

/** Never evicted, and always taken. */
export const isCritical = (pod: Pod): boolean =>
  isStaticPod(pod) || isMirrorPod(pod) || (pod.spec?.priority ?? 0) >= systemCriticalPriority;

/** Undefined admits; else why not. */
export function refusalUnderPressure(pod: Pod, conditions: ReadonlySet<PressureCondition>): string | undefined {
  if (conditions.size === 0 || isCritical(pod)) return undefined;
  if (conditions.size === 1 && conditions.has('MemoryPressure')) {
    const taint = { key: taintKeys.memoryPressure, effect: 'NoSchedule' };
    if (qosClassOf(pod) !== 'BestEffort' || tolerates(pod.spec?.tolerations, taint)) return undefined;
  }
  return `The node had condition: [${[...conditions].join(' ')}]. `;
}

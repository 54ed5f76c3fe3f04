import type { Pod } from '../../../../api/core/v1/pod';
import { refusalUnderPressure } from '../../../../kubelet/eviction/admit-under-pressure';
import type { PressureCondition } from '../../../../kubelet/eviction/signals';
import { container, podOf } from '../pods/pod-fixtures';

const bestEffort = podOf({});
const burstable = podOf({ containers: [container('app', { resources: { requests: { cpu: '1' } } })] });
const tolerating = (key: string): Pod => podOf({ tolerations: [{ key, operator: 'Exists' }] });
const critical = podOf({ priority: 2_000_000_000 });
const memory = 'node.kubernetes.io/memory-pressure';

it.each<[what: string, pod: Pod, conditions: PressureCondition[], refusal: string | undefined]>([
  ['all', bestEffort, [], undefined],
  ['no best-effort pod short of memory', bestEffort, ['MemoryPressure'], 'The node had condition: [MemoryPressure]. '],
  ['other pods short of memory', burstable, ['MemoryPressure'], undefined],
  ['pods that tolerate it', tolerating(memory), ['MemoryPressure'], undefined],
  [
    'none that tolerates something else',
    tolerating('other'),
    ['MemoryPressure'],
    'The node had condition: [MemoryPressure]. ',
  ],
  ['none short of disk', burstable, ['DiskPressure'], 'The node had condition: [DiskPressure]. '],
  [
    'none short of more than memory',
    tolerating(memory),
    ['MemoryPressure', 'PIDPressure'],
    'The node had condition: [MemoryPressure PIDPressure]. ',
  ],
  ['critical pods always', critical, ['DiskPressure', 'MemoryPressure'], undefined],
])('takes %s', (_what, pod, conditions, refusal) => {
  expect(refusalUnderPressure(pod, new Set(conditions))).toBe(refusal);
});

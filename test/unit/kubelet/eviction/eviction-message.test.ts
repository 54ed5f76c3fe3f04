import { evictionMessage } from '../../../../kubelet/eviction/eviction-message';
import type { Observations } from '../../../../kubelet/eviction/signals';
import { parseThresholds } from '../../../../kubelet/eviction/thresholds';
import { container, podOf } from '../pods/pod-fixtures';

const thresholds = parseThresholds({
  evictionHard: ['memory.available<100Mi', 'nodefs.inodesFree<5%'],
  evictionSoft: [],
  evictionSoftGracePeriod: [],
  evictionMinimumReclaim: [],
});
const observations: Observations = new Map([
  ['memory.available', { available: 52 * 2 ** 20, capacity: 2 ** 30 }],
  ['nodefs.inodesFree', { available: 1000, capacity: 40_000 }],
]);
const pod = podOf({
  containers: [
    container('app', { resources: { requests: { memory: '50Mi' } } }),
    container('small'),
    container('idle'),
  ],
});

it('tells which containers use more than they asked for', () => {
  const containers = [
    { name: 'app', amount: 90 * 2 ** 20 },
    { name: 'small', amount: 1000 },
    { name: 'idle', amount: 0 },
    { name: 'POD', amount: 5000 },
  ];
  expect(evictionMessage(pod, 'memory', thresholds, observations, { amount: 0, containers })).toBe(
    'The node was low on resource: memory. Threshold quantity: 100Mi, available: 52Mi. ' +
      'Container app was using 90Mi, request is 50Mi, has larger consumption of memory. ' +
      'Container small was using 1k, request is 0, has larger consumption of memory. ',
  );
});

it('has less to tell of inodes and of pods that nobody could look at', () => {
  expect(evictionMessage(pod, 'inodes', thresholds, observations, undefined)).toBe(
    'The node was low on resource: inodes. Threshold quantity: 2000, available: 1k. ',
  );
});

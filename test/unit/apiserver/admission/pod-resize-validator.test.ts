import { exceeded } from '../../../../apiserver/admission/pod-resize-validator';

it.each<[cpu: string, memory: string, beyond: string[]]>([
  ['4', '8Gi', []],
  ['4500m', '1Gi', ['cpu, requested: 4500, allocatable: 4000']],
  ['5', '16Gi', ['cpu, requested: 5000, allocatable: 4000', 'memory, requested: 17179869184, allocatable: 8589934592']],
])('cpu %s and memory %s go beyond the node by %j', (cpu, memory, beyond) => {
  const pod = { spec: { containers: [{ name: 'c', resources: { requests: { cpu, memory } } }] } };
  expect(exceeded(pod, { cpu: '4', memory: '8Gi' })).toEqual(beyond);
});

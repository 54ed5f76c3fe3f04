import { qosClassOf } from '../../../../../../api/core/v1/pod/qos';
import { podLimits, podRequests, type Resources } from '../../../../../../api/core/v1/pod/resources';
import type { Container, Pod } from '../../../../../../api/core/v1/pod/types';

const container = (cpu: string, more: Partial<Container> = {}): Container => ({
  name: 'c',
  resources: { requests: { cpu }, limits: { cpu } },
  ...more,
});
const pod = (containers: Container[], initContainers: Container[] = [], more = {}): Pod => ({
  spec: { containers, initContainers, ...more },
});
const text = (resources: Resources) =>
  Object.fromEntries(Object.entries(resources).map(([name, quantity]) => [name, quantity.toString()]));

it.each<[string, Pod, string]>([
  ['adds up containers', pod([container('100m'), container('200m')]), '300m'],
  ['takes a greater init container', pod([container('100m')], [container('500m'), container('400m')]), '500m'],
  [
    'adds sidecars to the steady state',
    pod([container('100m')], [container('50m', { restartPolicy: 'Always' })]),
    '150m',
  ],
  [
    'adds earlier sidecars to later init containers',
    pod([container('100m')], [container('50m', { restartPolicy: 'Always' }), container('300m')]),
    '350m',
  ],
  ['adds the overhead', pod([container('100m')], [], { overhead: { cpu: '10m' } }), '110m'],
  ['prefers what is stated for the pod', pod([container('100m')], [], { resources: { requests: { cpu: '1' } } }), '1'],
])('%s', (_, subject, cpu) => {
  expect(text(podRequests(subject))).toEqual({ cpu });
});

it('adds overhead to limits that exist', () => {
  const subject = pod([container('100m')], [], { overhead: { cpu: '10m', memory: '1Mi' } });
  expect(text(podLimits(subject))).toEqual({ cpu: '110m' });
});

const both = (cpu: string, memory: string) => ({ cpu, memory });

it.each<[string, Container[]]>([
  ['BestEffort', [{ name: 'c' }]],
  [
    'BestEffort',
    [{ name: 'c', resources: { requests: { 'example.com/gpu': '1' }, limits: { 'example.com/gpu': '1' } } }],
  ],
  ['Burstable', [container('1')]],
  ['Burstable', [{ name: 'c', resources: { limits: both('1', '1Gi'), requests: both('500m', '1Gi') } }]],
  ['Guaranteed', [{ name: 'c', resources: { limits: both('1', '1Gi'), requests: both('1000m', '1024Mi') } }]],
  ['Burstable', [{ name: 'c', resources: { limits: both('1', '1Gi'), requests: both('1', '1Gi') } }, { name: 'd' }]],
])('is %s', (expected, containers) => {
  expect(qosClassOf(pod(containers))).toBe(expected);
});

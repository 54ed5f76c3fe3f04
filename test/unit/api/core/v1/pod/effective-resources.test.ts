import { effectivePodLimits, effectivePodRequests, isBeingResized, type Pod } from '../../../../../../api/core/v1/pod';

interface Case {
  spec: string;
  allocated?: string;
  actual?: string;
  infeasible?: boolean;
}

const make = ({ spec, allocated, actual, infeasible }: Case): Pod => ({
  spec: { containers: [{ name: 'app', resources: { requests: { cpu: spec }, limits: { cpu: spec } } }] },
  status: {
    ...(infeasible && { conditions: [{ type: 'PodResizePending', status: 'True', reason: 'Infeasible' }] }),
    containerStatuses: [
      {
        ...{ name: 'app', image: '', imageID: '', ready: true, restartCount: 0 },
        ...(allocated && { allocatedResources: { cpu: allocated } }),
        ...(actual && { resources: { requests: { cpu: actual }, limits: { cpu: actual } } }),
      },
    ],
  },
});

it.each<[what: string, pod: Case, requests: string, limits: string]>([
  ['the spec when the node says nothing', { spec: '1' }, '1', '1'],
  ['the spec when the node agrees', { spec: '1', allocated: '1', actual: '1' }, '1', '1'],
  ['a growing spec', { spec: '2', allocated: '1', actual: '1' }, '2', '2'],
  ['what a shrinking pod still has', { spec: '1', allocated: '1', actual: '3' }, '3', '3'],
  ['what was set aside', { spec: '1', allocated: '2', actual: '1' }, '2', '1'],
  ['what a pod keeps that can never grow', { spec: '9', allocated: '1', actual: '1', infeasible: true }, '1', '1'],
])('a pod takes %s', (_what, pod, requests, limits) => {
  expect(effectivePodRequests(make(pod))['cpu']?.toString()).toBe(requests);
  expect(effectivePodLimits(make(pod))['cpu']?.toString()).toBe(limits);
});

it('is being resized while its node reports something else', () => {
  expect(isBeingResized(make({ spec: '1' }))).toBe(false);
  expect(isBeingResized(make({ spec: '1', allocated: '1', actual: '1' }))).toBe(false);
  expect(isBeingResized(make({ spec: '1', allocated: '1', actual: '2' }))).toBe(true);
});

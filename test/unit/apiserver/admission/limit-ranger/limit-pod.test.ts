import type { LimitRange, LimitRangeItem } from '../../../../../api/core/v1/limitrange';
import type { Pod } from '../../../../../api/core/v1/pod';
import { podViolations, setDefaults } from '../../../../../apiserver/admission/limit-ranger/limit-pod';

const range = (...limits: LimitRangeItem[]): LimitRange => ({ spec: { limits } });
const pod = (containers: object[], initContainers: object[] = []): Pod =>
  ({ metadata: { name: 'p' }, spec: { containers, initContainers } }) as Pod;
const container = (name: string, requests: object, limits: object = {}, more: object = {}) => ({
  name,
  image: 'i',
  resources: { requests, limits },
  ...more,
});

describe('setDefaults', () => {
  it('keeps what is stated, and notes the rest by container', () => {
    const given = pod([container('a', { cpu: '1' }), { name: 'b', image: 'i' }], [{ name: 'i', image: 'i' }]);
    setDefaults(range({ type: 'Container', defaultRequest: { cpu: '100m' }, default: { memory: '1Gi' } }), given);
    expect(given.spec?.containers.map(({ resources }) => resources)).toEqual([
      { requests: { cpu: '1' }, limits: { memory: '1Gi' } },
      { requests: { cpu: '100m' }, limits: { memory: '1Gi' } },
    ]);
    expect(given.metadata?.annotations).toEqual({
      'kubernetes.io/limit-ranger':
        'LimitRanger plugin set: memory limit for container a; cpu request for container b; memory limit for container b; ' +
        'cpu request for init container i; memory limit for init container i',
    });
  });

  it('changes nothing without defaults', () => {
    const given = pod([{ name: 'a', image: 'i' }]);
    setDefaults(range({ type: 'Pod', max: { cpu: '1' } }), given);
    expect(given).toEqual(pod([{ name: 'a', image: 'i' }]));
  });
});

describe('podViolations', () => {
  it.each<[string, LimitRangeItem, Pod, string[]]>([
    [
      'within',
      { type: 'Container', min: { cpu: '100m' }, max: { cpu: '1' } },
      pod([container('a', { cpu: '100m' }, { cpu: '1' })]),
      [],
    ],
    [
      'no request',
      { type: 'Container', min: { cpu: '1' } },
      pod([{ name: 'a' }]),
      ['minimum cpu usage per Container is 1.  No request is specified'],
    ],
    [
      'no limit',
      { type: 'Container', max: { cpu: '1' } },
      pod([{ name: 'a' }]),
      ['maximum cpu usage per Container is 1.  No limit is specified'],
    ],
    [
      'request above',
      { type: 'Container', max: { cpu: '1' } },
      pod([container('a', { cpu: '2' }, { cpu: '1' })]),
      ['maximum cpu usage per Container is 1, but request is 2'],
    ],
    [
      'limit below',
      { type: 'Container', min: { cpu: '1' } },
      pod([container('a', { cpu: '1' }, { cpu: '500m' })]),
      ['minimum cpu usage per Container is 1, but limit is 500m'],
    ],
    [
      'ratio',
      { type: 'Container', maxLimitRequestRatio: { memory: '2' } },
      pod([container('a', { memory: '1Gi' }, { memory: '3Gi' })]),
      ['memory max limit to request ratio per Container is 2, but provided ratio is 3.000000'],
    ],
    [
      'ratio kept',
      { type: 'Container', maxLimitRequestRatio: { memory: '1500m' } },
      pod([container('a', { memory: '2Gi' }, { memory: '3Gi' })]),
      [],
    ],
    [
      'ratio of nothing',
      { type: 'Container', maxLimitRequestRatio: { cpu: '2' } },
      pod([container('a', {}, { cpu: '1' })]),
      ['cpu max limit to request ratio per Container is 2, but no request is specified or request is 0'],
    ],
    [
      'init containers',
      { type: 'Container', max: { cpu: '1' } },
      pod([container('a', {}, { cpu: '1' })], [container('i', {}, { cpu: '2' })]),
      ['maximum cpu usage per Container is 1, but limit is 2'],
    ],
    [
      'pods, by what runs together',
      { type: 'Pod', max: { cpu: '2' } },
      pod([container('a', {}, { cpu: '1' }), container('b', {}, { cpu: '1500m' })]),
      ['maximum cpu usage per Pod is 2, but limit is 2500m'],
    ],
    [
      'pods, by what starts',
      { type: 'Pod', max: { cpu: '2' } },
      pod([container('a', {}, { cpu: '1' })], [container('i', {}, { cpu: '3' })]),
      ['maximum cpu usage per Pod is 2, but limit is 3'],
    ],
    [
      'pods, with sidecars',
      { type: 'Pod', max: { cpu: '2' } },
      pod([container('a', {}, { cpu: '1' })], [container('s', {}, { cpu: '2' }, { restartPolicy: 'Always' })]),
      ['maximum cpu usage per Pod is 2, but limit is 3'],
    ],
    [
      'pods, of which one container says nothing',
      { type: 'Pod', max: { cpu: '2' } },
      pod([container('a', {}, { cpu: '1' }), { name: 'b' }]),
      ['maximum cpu usage per Pod is 2.  No limit is specified'],
    ],
  ])('%s', (_title, item, given, expected) => {
    expect(podViolations(range(item), given)).toEqual(expected);
  });
});

import { podColumns } from '../../../../../../api/core/v1/pod/columns';
import type { ContainerStatus, Pod } from '../../../../../../api/core/v1/pod/types';

const now = Date.parse('2026-01-01T01:00:00Z');
const status = (
  name: string,
  state: ContainerStatus['state'],
  more: Partial<ContainerStatus> = {},
): ContainerStatus => ({
  name,
  image: 'i',
  imageID: 'i',
  ready: false,
  restartCount: 0,
  state,
  ...more,
});
const running = (name: string, more: Partial<ContainerStatus> = {}) =>
  status(name, { running: {} }, { ready: true, ...more });

interface Case {
  spec?: Partial<NonNullable<Pod['spec']>>;
  status: NonNullable<Pod['status']>;
  deleted?: boolean;
  expected: [ready: string, status: string, restarts: string];
}

const cases: Record<string, Case> = {
  'a pending pod': { status: { phase: 'Pending' }, expected: ['0/2', 'Pending', '0'] },
  'a running pod': {
    status: { phase: 'Running', containerStatuses: [running('a'), running('b')] },
    expected: ['2/2', 'Running', '0'],
  },
  'a crash loop': {
    status: {
      phase: 'Running',
      containerStatuses: [
        running('a'),
        status(
          'b',
          { waiting: { reason: 'CrashLoopBackOff' } },
          {
            restartCount: 4,
            lastState: { terminated: { exitCode: 1, finishedAt: '2026-01-01T00:59:57Z' } },
          },
        ),
      ],
    },
    expected: ['1/2', 'CrashLoopBackOff', '4 (3s ago)'],
  },
  'completed containers': {
    status: {
      phase: 'Succeeded',
      containerStatuses: [
        status('a', { terminated: { exitCode: 0, reason: 'Completed' } }),
        status('b', { terminated: { exitCode: 0, reason: 'Completed' } }),
      ],
    },
    expected: ['0/2', 'Completed', '0'],
  },
  'one container done, one running, not ready': {
    status: {
      phase: 'Running',
      containerStatuses: [status('a', { terminated: { exitCode: 0, reason: 'Completed' } }), running('b')],
    },
    expected: ['1/2', 'NotReady', '0'],
  },
  'a failure without reason': {
    status: { phase: 'Failed', containerStatuses: [status('a', { terminated: { exitCode: 3 } })] },
    expected: ['0/2', 'ExitCode:3', '0'],
  },
  'a death by signal': {
    status: { phase: 'Failed', containerStatuses: [status('a', { terminated: { exitCode: 0, signal: 9 } })] },
    expected: ['0/2', 'Signal:9', '0'],
  },
  'init containers at work': {
    spec: { initContainers: [{ name: 'i' }, { name: 'j' }] },
    status: {
      phase: 'Pending',
      initContainerStatuses: [status('i', { terminated: { exitCode: 0 } }), status('j', { running: {} })],
      containerStatuses: [status('a', { waiting: { reason: 'PodInitializing' } })],
    },
    expected: ['0/2', 'Init:1/2', '0'],
  },
  'a failed init container': {
    spec: { initContainers: [{ name: 'i' }] },
    status: {
      phase: 'Pending',
      initContainerStatuses: [status('i', { terminated: { exitCode: 1, reason: 'Error' } }, { restartCount: 2 })],
    },
    expected: ['0/2', 'Init:Error', '2'],
  },
  'an init container in back-off': {
    spec: { initContainers: [{ name: 'i' }] },
    status: { phase: 'Pending', initContainerStatuses: [status('i', { waiting: { reason: 'CrashLoopBackOff' } })] },
    expected: ['0/2', 'Init:CrashLoopBackOff', '0'],
  },
  'a sidecar': {
    spec: { initContainers: [{ name: 's', restartPolicy: 'Always' }] },
    status: {
      phase: 'Running',
      initContainerStatuses: [running('s', { started: true, restartCount: 1 })],
      containerStatuses: [running('a'), running('b', { restartCount: 2 })],
    },
    expected: ['3/3', 'Running', '3'],
  },
  'a scheduling gate': {
    status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] },
    expected: ['0/2', 'SchedulingGated', '0'],
  },
  'a deletion under way': { deleted: true, status: { phase: 'Running' }, expected: ['0/2', 'Terminating', '0'] },
  'the deletion of a finished pod': {
    deleted: true,
    status: { phase: 'Succeeded' },
    expected: ['0/2', 'Succeeded', '0'],
  },
  'a lost node': {
    deleted: true,
    status: { phase: 'Running', reason: 'NodeLost' },
    expected: ['0/2', 'Unknown', '0'],
  },
};

it.each(Object.entries(cases))('prints %s', (_, { spec, status: podStatus, deleted, expected }) => {
  const pod: Pod = {
    metadata: { name: 'p', ...(deleted && { deletionTimestamp: '2026-01-01T00:00:00Z' }) },
    spec: { containers: [{ name: 'a' }, { name: 'b' }], ...spec },
    status: podStatus,
  };
  const cells = Object.fromEntries(podColumns.map((column) => [column.name, column.value(pod, now)]));
  expect([cells.Ready, cells.Status, cells.Restarts]).toEqual(expected);
});

it('prints wide columns after the age', () => {
  expect(podColumns.map(({ name }) => name)).toEqual([
    ...['Name', 'Ready', 'Status', 'Restarts', 'Age'],
    ...['IP', 'Node', 'Nominated Node', 'Readiness Gates'],
  ]);
});

import { parseThresholds } from '../../../kubelet/eviction/thresholds';
import { allocatableOf, isContradicted, nodeStatus } from '../../../kubelet/node-object';

const machine = { cpus: 2, memoryBytes: 2 ** 31, diskBytes: 2 ** 34 } as never;
const allocatable = allocatableOf(machine, 110, []);
const facts = {
  ...{ machine, allocatable, maxPods: 110, images: [], problems: [], hostname: 'n1', nowMs: 0 },
  pressure: new Set(['DiskPressure']),
} as never;

describe('nodeStatus', () => {
  it('lets all be allocated of the extended resources that somebody gave the node, which are not its own to report', () => {
    const capacity = { cpu: '64', 'example.com/gpu': '5' };
    const status = nodeStatus(facts, undefined, capacity);
    expect(status.allocatable).toMatchObject({ cpu: '2', 'example.com/gpu': '5' });
    expect(status.capacity).not.toHaveProperty(['example.com/gpu']);
  });
});

it('tells of the pressure that the node is under', () => {
  const conditions = nodeStatus(facts, undefined).conditions?.map(({ type, status, reason }) => [type, status, reason]);
  expect(conditions).toEqual([
    ['MemoryPressure', 'False', 'KubeletHasSufficientMemory'],
    ['DiskPressure', 'True', 'KubeletHasDiskPressure'],
    ['PIDPressure', 'False', 'KubeletHasSufficientPID'],
    ['Ready', 'True', 'KubeletReady'],
  ]);
});

it('promises pods nothing for which it would evict them', () => {
  const none = { evictionSoft: [], evictionSoftGracePeriod: [], evictionMinimumReclaim: [] };
  const evictionHard = ['memory.available<100Mi', 'nodefs.available<10%'];
  expect(allocatable).toMatchObject({ 'ephemeral-storage': '16777216Ki', memory: '2097152Ki' });
  expect(allocatableOf(machine, 110, parseThresholds({ ...none, evictionHard }))).toMatchObject({
    'ephemeral-storage': '15461882240',
    memory: '1994752Ki',
  });
});

describe('isContradicted', () => {
  const ready = { type: 'Ready', status: 'True' };
  const own = { conditions: [ready] } as never;

  it.each([
    ['nobody knows better', undefined, false],
    ['the same is known', { conditions: [ready] }, false],
    ['others have conditions of their own', { conditions: [ready, { type: 'Tired', status: 'True' }] }, false],
    ['it is told to be silent', { conditions: [{ type: 'Ready', status: 'Unknown' }] }, true],
  ])('when %s', (_when, known, expected) => {
    expect(isContradicted(own, known as never)).toBe(expected);
  });
});
